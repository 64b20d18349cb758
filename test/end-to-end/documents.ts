/** Schemas of what `replay` writes: a second, independent statement of the contract with those who read it. */
import { z } from 'zod';
import { detectors } from '../../detectors/index.ts';
import { incidentKinds, stages } from '../../src/model/incident.ts';
import { quarantineReasons } from '../../src/model/quarantine.ts';

const text = z.string().min(1);
const texts = z.array(text).min(1);
const whole = z.int().nonnegative();
const time = z.iso.datetime({ precision: 3 });
const object = z.looseObject({});

const token = z.strictObject({
  fingerprint: text.optional(), handle: text.optional(), issuer: text.optional(), key_id: text.optional(), bound_to: text.optional(), parent: text.optional(),
  seen_in: text.optional(),
  kind: z.enum(['access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault', 'kubernetes', 'certificate', 'none']),
  issued_at: time.optional(), expires_at: time.optional(), scopes: texts.optional(), roles: texts.optional(), audience: texts.optional(), aliases: texts.optional(),
});
const tokenward = z.strictObject({
  token, authenticated: z.boolean().optional(), vantage: z.enum(['edge', 'gateway', 'resource', 'flow', 'iam']), partial: z.literal(true).optional(),
  lifecycle: z.enum(['issued', 'used', 'rotated', 'revoked', 'expired', 'refused', 'leaked', 'granted']).optional(),
  issued: z.strictObject({
    fingerprint: text.optional(), handle: text.optional(), kind: text.optional(), expires_at: time.optional(), aliases: texts.optional(), identity: text.optional(),
  }).optional(),
  revoked: z.strictObject({ fingerprint: text }).optional(),
  identity: z.strictObject({ id: text.optional(), kind: z.enum(['human', 'service', 'role', 'client', 'workload', 'provider', 'unknown']).optional(), name: text.optional() }).optional(),
  workload: z.strictObject({ id: text, kind: text.optional(), evidence: z.enum(['event', 'registry', 'inventory']).optional() }).optional(),
  resource: z.strictObject({ id: text, kind: text.optional(), route: text.optional(), object: text.optional(), data_class: text.optional() }).optional(),
  link: z.strictObject({ offers: text.optional(), takes: text.optional(), issuer: text.optional() }).optional(),
  likely: z.strictObject({ identity: text, percent: z.int().min(1).max(99) }).optional(),
  network: z.strictObject({ block: text.optional(), class: text.optional(), name: text.optional(), private_path: text.optional() }).optional(),
  input: z.strictObject({ index: whole.optional(), source: text }),
  bytes_out: whole.optional(), model_tokens: whole.optional(), cost: z.strictObject({ amount: z.number(), currency: text.optional() }).optional(), complete_at: time.optional(),
});
const event = z.strictObject({
  kind: z.literal('event'), id: text, dataset: text, module: text.optional(), provider: text.optional(), action: text.optional(), category: texts.optional(),
  type: texts.optional(), outcome: z.enum(['success', 'failure', 'unknown']), code: text.optional(), reason: text.optional(), end: time.optional(),
});
const groups = {
  '@timestamp': time, ecs: z.strictObject({ version: text }), log: z.strictObject({ file: z.strictObject({ path: text }), offset: whole }),
  source: z.strictObject({
    address: text.optional(), ip: z.union([z.ipv4(), z.ipv6()]).optional(), port: whole.max(65_535).optional(), bytes: whole.optional(),
    as: z.strictObject({ number: whole, organization: z.strictObject({ name: text }).optional() }).optional(),
    geo: z.strictObject({ country_iso_code: z.string().length(2) }).optional(),
  }).optional(),
  destination: z.strictObject({ bytes: whole }).optional(),
  user: z.looseObject({ id: text.optional(), name: text.optional(), email: text.optional() }).optional(),
  user_agent: z.strictObject({ original: text }).optional(),
  http: z.strictObject({
    request: z.strictObject({ method: text.optional(), id: text.optional() }).optional(),
    response: z.strictObject({ status_code: whole.max(999).optional(), bytes: whole.optional() }).optional(),
  }).optional(),
  url: z.strictObject({ path: text.optional(), domain: text.optional() }).optional(),
  trace: z.strictObject({ id: text }).optional(),
  cloud: z.strictObject({
    provider: text.optional(), account: z.strictObject({ id: text }).optional(), region: text.optional(),
    target: z.strictObject({ account: z.strictObject({ id: text }) }).optional(),
  }).optional(),
  service: z.strictObject({ name: text }).optional(), organization: z.strictObject({ id: text }).optional(),
};

/** Section by section what an event may hold; nothing else, nothing empty. */
export const eventSchema = z.strictObject({ ...groups, event, tokenward });
export type EventDocument = z.infer<typeof eventSchema>;

const named = z.record(text, z.union([z.number(), text, z.array(z.union([z.number(), text]))]));
const incident = z.strictObject({
  kind: z.enum(incidentKinds), name: text.optional(), severity: z.union([z.literal(21), z.literal(47), z.literal(73), z.literal(99)]),
  risk_score: z.number().min(0).max(100), alerts: z.int().positive(), identities: z.int().positive(),
  stages: z.array(z.strictObject({ stage: z.enum(stages), at: time, detector: text, alert: text })).min(1),
});
const alert = z.looseObject({
  status: z.enum(['open', 'acknowledged', 'closed']), count: z.int().positive(), version: z.int().positive(), late: z.boolean(), incident_id: text,
  merged_into: text.optional(), incident, evidence: texts.max(50), baseline: named.optional(), observed: named.optional(), owasp_nhi: z.array(text).min(1).optional(),
  confidence: z.number().min(0).max(1),
});
export const alertSchema = z.strictObject({
  ...groups,
  event: event.extend({
    kind: z.literal('alert'), start: time, end: time, created: time, severity: z.union([z.literal(21), z.literal(47), z.literal(73), z.literal(99)]),
    risk_score: z.number().min(0).max(100), reason: text,
  }),
  message: text,
  rule: z.strictObject({ id: z.union([z.enum(detectors.map(({ id }) => id)), z.stringFormat('rule', /^rule:/)]), name: text }),
  threat: object.optional(), related: z.looseObject({ hash: texts.optional() }),
  tokenward: tokenward.omit({ complete_at: true, partial: true }).extend({ alert, response: z.array(object) }),
}).refine(({ event: { start, end, created } }) => start <= end && start <= created, 'an episode has its times in order')
  .refine(({ rule: { id }, threat, tokenward: { alert: { owasp_nhi: risks } } }) => (
    id.startsWith('rule:') || threat !== undefined && risks !== undefined), 'a detector says what it is about')
  .refine(({ tokenward: { alert: { count, evidence } } }) => evidence.length === Math.min(count, 50), 'evidence is whole up to fifty');
export type AlertDocument = z.infer<typeof alertSchema>;

const counts = z.record(text, z.int().positive());
export const statisticsSchema = z.strictObject({
  records: whole, events: whole, duplicates: whole, ignored: whole, quarantined: whole, alerts: whole, incidents: whole, intents: whole,
  alerts_hidden: z.int().positive().optional(), tokens: whole, identities: whole, workloads: whole, bytes_in: whole, seconds: z.number().nonnegative(), cpu_seconds: z.number().nonnegative(),
  max_rss_bytes: z.int().positive(), events_per_second: whole, events_by_format: counts,
  quarantined_by_reason: z.partialRecord(z.enum(quarantineReasons), z.int().positive()), alerts_by_detector: counts,
  first_event: time.nullable(), last_event: time.nullable(),
}).refine((all) => all.records === all.events + all.duplicates + all.ignored + all.quarantined, 'records add up')
  .refine((all) => all.quarantined === sum(all.quarantined_by_reason) && all.alerts === sum(all.alerts_by_detector) && all.events === sum(all.events_by_format), 'parts add up');

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}

/** Absent means absent, however deep: where there is a null, an empty text, an empty list or object. */
export function emptyPlaces(value: unknown, at = '$'): string[] {
  if (value === null || value === '') return [at];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [at] : entries.flatMap(([key, inner]) => emptyPlaces(inner, `${at}.${key}`));
}
