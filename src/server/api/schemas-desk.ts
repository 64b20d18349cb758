import { z } from 'zod';
import type * as shapes from './shapes.ts';
import { maybeText, number, text, time } from './schema-words.ts';
import { tokenKind } from './schemas.ts';

/** The shapes of `shapes-desk.ts` and `shapes-trends.ts` as schemas. */
const vantage = z.enum(['edge', 'gateway', 'resource', 'flow', 'iam']);

const maybe = number.nullable();
const week = z.strictObject({
  startMs: time, alerts: number, incidents: number, thefts: number, falseAlerts: number, bytesOut: number, detectMs: maybe, containMs: maybe, exposureMs: maybe,
}).meta({ id: 'TrendWeek' });
export const trends: z.ZodType<shapes.Trends> = z.strictObject({
  weeks: z.array(week), credentials: z.strictObject({ total: number, owned: number, withinTtl: number, attested: number, ready: number }),
});

const touched = z.strictObject({
  resource: maybeText, object: maybeText, network: maybeText, suspect: z.boolean(), vantage, isHop: z.boolean(), token: maybeText,
  events: number, refused: number, bytesOut: number, firstMs: time, lastMs: time,
}).meta({ id: 'Touched' });
const minted = z.strictObject({
  timeMs: time, fingerprint: text, handle: maybeText, kind: tokenKind.nullable(), action: maybeText, network: maybeText, suspect: z.boolean(),
  token: maybeText, revokedAtMs: time.nullable(),
}).meta({ id: 'Minted' });
export const lineageAnswer: z.ZodType<shapes.LineageAnswer> = z.strictObject({ alertIds: z.array(text) });
export const touchedPage: z.ZodType<shapes.TouchedPage> = z.strictObject({
  objects: z.array(touched), total: number, minted: z.array(minted), events: number, missedEvents: number, missedBytes: number, endedMs: time.nullable(),
});
