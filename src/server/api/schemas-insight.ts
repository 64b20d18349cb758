import { z } from 'zod';
import { maybeText, maybeTime, number, text, texts, time } from './schema-words.ts';
import type * as shapes from './shapes-insight.ts';
import * as schemas from './schemas.ts';

/** The shapes of `shapes-insight.ts` as schemas. */
const listed = z.strictObject({
  team: maybeText, criticality: maybeText, vendor: maybeText, environment: maybeText, labels: texts, reviewMs: maybeTime, retiredMs: maybeTime,
  ownerLeftMs: maybeTime,
}).meta({ id: 'Listed' });
const lifeMoment = z.strictObject({ timeMs: time, kind: z.enum(['issued', 'rotated', 'revoked']), token: text }).meta({ id: 'LifeMoment' });

export const identityDetail: z.ZodType<shapes.IdentityDetail> = z.strictObject({
  identity: schemas.identity, workload: schemas.workload.nullable(), listed: listed.nullable(), tokens: z.array(schemas.token), tokenTotal: number,
  life: z.array(lifeMoment), uses: z.array(schemas.use), activity: schemas.activity.nullable(), alerts: z.array(schemas.alertSummary), alertTotal: number,
  hidden: number, intents: z.array(schemas.intent), notes: z.array(z.strictObject({ alertId: text, atMs: time, by: text, text })), cursor: number,
}).meta({ id: 'IdentityDetail' });

const terms = z.strictObject({
  kind: z.enum(['break-glass', 'migration', 'legacy']), isQuiet: z.boolean(),
  match: z.strictObject({ identity: text.optional(), handle: text.optional(), client: text.optional() }), detectors: texts, networks: texts, reason: text,
  author: text, approver: maybeText, fromMs: time, untilMs: time,
}).meta({ id: 'ExceptionTerms' });
const exception = z.strictObject({
  name: text, state: z.enum(['waits', 'holds', 'ended', 'removed']), terms: terms.nullable(), alerts: number, events: number, lastMs: maybeTime,
}).meta({ id: 'Exception' });
export const exceptionPage: z.ZodType<shapes.ExceptionPage> = z.strictObject({ exceptions: z.array(exception) });

const hiddenAlert = z.strictObject({
  summary: schemas.alertSummary, hiddenBy: text, terms: terms.nullable(), baseline: schemas.measures, observed: schemas.measures, networks: texts,
}).meta({ id: 'HiddenAlert' });
export const hiddenPage: z.ZodType<shapes.HiddenPage> = z.strictObject({ alerts: z.array(hiddenAlert), total: number, next: maybeText });

const readiness = z.strictObject({
  detector: text, verdict: z.enum(['never_proposed', 'wrong_proposals', 'too_early', 'unjudged', 'ready']), days: number, proposed: number, right: number,
  wrong: number, unjudged: number,
}).meta({ id: 'Readiness' });
export const readinessPage: z.ZodType<shapes.ReadinessPage> = z.strictObject({ neededDays: number, detectors: z.array(readiness) });

const budget = z.strictObject({
  name: z.enum(['event_delay', 'commit', 'checkpoint', 'outbox_age', 'memory', 'disk']), unit: z.enum(['ms', 'bytes']), promised: number,
  measured: number.nullable(),
}).meta({ id: 'Budget' });
export const health: z.ZodType<shapes.HealthView> = z.strictObject({
  budgets: z.array(budget), tables: z.array(z.strictObject({ name: text, builtMs: maybeTime })),
  versions: z.array(z.strictObject({ name: text, version: text })), identities: number,
}).meta({ id: 'Health' });
