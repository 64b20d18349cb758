import { z } from 'zod';
import type { Account } from '../accounts.ts';
import { reaches } from '../accounts.ts';
import { alertSorts, type Decisions, type DeskAnswer, type Reader } from './ports.ts';
import * as schemas from './schemas.ts';
import type { Role } from './shapes.ts';

/** What a handler works with. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly by: Account;
  readonly reader: Reader;
  readonly decisions: Decisions;
}

/** An answer other than 200; `error` is a fixed word. */
export interface Refusal { readonly status: number; readonly error: string }
export type Answered = { readonly ok: unknown } | { readonly refused: Refusal };

/** One route of the API: who may use it, what it takes and gives. Checks, description and tests are made of this table. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** As fastify writes it. */
  readonly path: string;
  readonly least: Role;
  readonly summary: string;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType;
  readonly handle: (call: Call<never, never, never>) => Answered;
}

const maxText = 200;
const text = z.string().min(1).max(maxText);
const timeMs = z.coerce.number().int().min(0);
const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
/** A list in one parameter, comma between. */
const listOf = <T extends string>(words: readonly [T, ...T[]]) =>
  z.string().max(maxText).transform((list) => list.split(',')).pipe(z.array(z.enum(words)).min(1)).optional();
const statuses = listOf(['open', 'acknowledged', 'closed']);
const after = z.string().max(400).optional();

const alertQuery = z.strictObject({
  status: statuses, severity: z.coerce.number().int().min(0).max(99).optional(), detector: text.optional(), incident: text.optional(),
  text: text.optional(), since: timeMs.optional(), sort: z.enum(alertSorts).default('newest'), limit: limit(500, 50), after,
});
const incidentQuery = z.strictObject({ status: statuses, since: timeMs.optional(), limit: limit(500, 50), after });
const tokenQuery = z.strictObject({ text: text.optional(), identity: text.optional(), limit: limit(500, 50), after });
const intentQuery = z.strictObject({ state: listOf(schemas.intentState.options as [string, ...string[]]), incident: text.optional(), limit: limit(500, 100) });
const eventQuery = z.strictObject({
  alert: text.optional(), identity: text.optional(), token: text.optional(), address: text.optional(), text: text.optional(),
  since: timeMs.optional(), limit: limit(500, 100),
});
const nothing = z.strictObject({}).nullish();
const closeBody = z.strictObject({ as: z.enum(['benign', 'false_alarm', 'theft']) });
const killSwitchBody = z.strictObject({ on: z.boolean(), reason: z.string().trim().min(1).max(500) });

interface Plain<Q extends z.ZodType, B extends z.ZodType> {
  readonly least: Role;
  readonly summary: string;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: z.ZodType;
  readonly handle: (call: Call<{ readonly id: string }, z.output<Q>, z.output<B>>) => Answered;
}

function route<Q extends z.ZodType = z.ZodNull, B extends z.ZodType = z.ZodNull>(method: 'GET' | 'POST', path: string, plain: Plain<Q, B>): Route {
  const { query = null, body = null } = plain;
  return { method, path, ...plain, query, body, handle: plain.handle as Route['handle'] };
}

const ok = (value: unknown): Answered => ({ ok: value });
const unknown: Answered = { refused: { status: 404, error: 'unknown' } };
const found = (value: object | null): Answered => (value === null ? unknown : ok(value));

const statusOf: Readonly<Record<string, number>> = { unknown: 404, role: 403, same_person: 403, proposer: 403, unavailable: 503 };

function decided<T>(answer: DeskAnswer<T>, toBody: (value: T) => object): Answered {
  return answer.kind === 'done' ? ok(toBody(answer.value)) : { refused: { status: statusOf[answer.why] ?? 409, error: answer.why } };
}

const onIntent = (act: 'approve' | 'reject' | 'undo', summary: string): Route => route('POST', `/api/intents/:id/${act}`, {
  least: 'responder', summary, body: nothing, answer: schemas.intentAnswer,
  handle: ({ params, by, decisions }) => decided(decisions[act](params.id, by), (intent) => ({ intent })),
});

/** Every route that shows or changes something. Whatever is not here does not exist. */
export const routes: readonly Route[] = [
  route('GET', '/api/alerts', {
    least: 'viewer', summary: 'Alerts, filtered and in pages. `status` may list several, comma between; `severity` is the least.', query: alertQuery, answer: schemas.alertPage,
    handle: ({ query, reader }) => ok(reader.alerts(query)),
  }),
  route('GET', '/api/alerts/:id', {
    least: 'viewer', summary: 'One alert whole: why, what it rests on, what depends on the token, what is planned.', answer: schemas.alertDetail,
    handle: ({ params, reader }) => found(reader.alert(params.id)),
  }),
  route('POST', '/api/alerts/:id/acknowledge', {
    least: 'analyst', summary: 'Somebody looks after it.', body: nothing, answer: schemas.alertAnswer,
    handle: ({ params, by, decisions }) => decided(decisions.acknowledge(params.id, by), (command) => ({ alertId: params.id, command })),
  }),
  route('POST', '/api/alerts/:id/close', {
    least: 'analyst', summary: 'Closes it; what deviated is accepted as normal unless it was theft.', body: closeBody, answer: schemas.alertAnswer,
    handle: ({ params, body, by, decisions }) => decided(decisions.close(params.id, body.as, by), (command) => ({ alertId: params.id, command })),
  }),
  route('GET', '/api/incidents', {
    least: 'viewer', summary: 'Incidents, newest first, in pages.', query: incidentQuery, answer: schemas.incidentPage,
    handle: ({ query, reader }) => ok(reader.incidents(query)),
  }),
  route('GET', '/api/incidents/:id', {
    least: 'viewer', summary: 'One incident with its alerts, tokens, timeline and response.', answer: schemas.incidentDetail,
    handle: ({ params, reader }) => found(reader.incident(params.id)),
  }),
  route('GET', '/api/tokens', {
    least: 'viewer', summary: 'Known tokens, last used first, searched by handle, fingerprint, identity, workload or owner.', query: tokenQuery, answer: schemas.tokenPage,
    handle: ({ query, reader }) => ok(reader.tokens(query)),
  }),
  route('GET', '/api/intents', {
    least: 'viewer', summary: 'What is or was to be done, newest change first.', query: intentQuery, answer: schemas.intentPage,
    handle: ({ query: { state, ...query }, reader }) => ok(reader.intents({ ...query, states: state as never })),
  }),
  onIntent('approve', 'Lets it be done, where enough different people say so.'),
  onIntent('reject', 'It is not to be done.'),
  onIntent('undo', 'Takes back what was done.'),
  route('GET', '/api/events', {
    least: 'viewer', summary: 'Search in the last events, newest first; `alert` gives those that prove it.', query: eventQuery, answer: schemas.eventPage,
    handle: ({ query, reader }) => ok(reader.events(query)),
  }),
  route('POST', '/api/kill-switch', {
    least: 'responder', summary: 'Stops all calls at once; only an admin lets them go on.', body: killSwitchBody, answer: schemas.killSwitchAnswer,
    handle: ({ body, by, decisions }) => (!body.on && !reaches(by.role, 'admin')
      ? { refused: { status: 403, error: 'role' } }
      : decided(decisions.killSwitch(body.on, body.reason, by), (killSwitch) => ({ killSwitch }))),
  }),
  route('GET', '/api/status', {
    least: 'viewer', summary: 'What the service knows of itself: sources, sinks, caps, kill switch, age of the data.', answer: schemas.status,
    handle: ({ reader }) => ok(reader.status()),
  }),
];
