import { z } from 'zod';
import type { IntentState } from '../../model/intent.ts';
import { reaches } from '../accounts.ts';
import { alertGroups, alertSorts, type Desk, type DeskAnswer } from './ports.ts';
import { after, decided, found, identity, limit, listOf, nothing, ok, route, statuses, text, timeMs, type Route } from './route.ts';
import { deskRoutes } from './routes-desk.ts';
import { insightRoutes } from './routes-insight.ts';
import { policyRoutes } from './routes-policy.ts';
import * as schemas from './schemas.ts';

const alertQuery = z.strictObject({
  status: statuses, severity: z.coerce.number().int().min(0).max(99).optional(), detector: text.optional(), incident: text.optional(),
  identity: identity.optional(), text: text.optional(), since: timeMs.optional(), sort: z.enum(alertSorts).default('newest'),
  group: z.enum(alertGroups).optional(), limit: limit(500, 50), after,
});
const incidentQuery = z.strictObject({ status: statuses, since: timeMs.optional(), limit: limit(500, 50), after });
const tokenQuery = z.strictObject({ text: text.optional(), identity: identity.optional(), limit: limit(500, 50), after });
const intentQuery = z.strictObject({
  state: listOf(schemas.intentState.options as [IntentState, ...IntentState[]]), incident: text.optional(), limit: limit(500, 100),
});
const eventQuery = z.strictObject({
  alert: text.optional(), identity: identity.optional(), token: text.optional(), address: text.optional(), text: text.optional(),
  since: timeMs.optional(), limit: limit(500, 100),
});
const approveBody = z.strictObject({ seen: z.string().max(64).optional() }).nullish();
const killSwitchBody = z.strictObject({ on: z.boolean(), reason: z.string().trim().min(1).max(500) });

const onIntent = <B extends z.ZodType>(
  act: string, summary: string, body: B, decide: (desk: Desk, id: string, by: string, body: z.output<B>) => DeskAnswer,
): Route => route<z.ZodNull, B>('POST', `/api/intents/:id/${act}`, {
  least: 'responder', summary, body, answer: schemas.intentAnswer, ...(act === 'reject' ? {} : { needsFreshLogin: true }),
  handle: ({ params, body: given, by, desk, reader }) => decided(decide(desk, params.id, by.name, given), () => ({ intent: reader.intent(params.id) })),
});

/** Every route that shows or changes something. Whatever is not here does not exist. */
export const routes: readonly Route[] = [
  ...deskRoutes,
  route('GET', '/api/alerts', {
    least: 'viewer',
    summary: 'Alerts, filtered and in pages. `status` may list several, comma between; `severity` is the least; `group` gives the first of each.',
    query: alertQuery, answer: schemas.alertPage,
    handle: ({ query, reader }) => ok(reader.alerts(query)),
  }),
  route('GET', '/api/alerts/:id', {
    least: 'viewer', summary: 'One alert whole: why, what it rests on, what depends on the token, what is planned.', answer: schemas.alertDetail,
    handle: ({ params, reader }) => found(reader.alert(params.id)),
  }),
  route('POST', '/api/alerts/:id/acknowledge', {
    least: 'analyst', summary: 'Somebody looks after it.', body: nothing, answer: schemas.alertAnswer,
    handle: ({ params, by, desk }) => decided(desk.acknowledge(params.id, by.name), () => ({ alertId: params.id })),
  }),
  route('POST', '/api/alerts/:id/reopen', {
    least: 'analyst', summary: 'Takes its closing back: what was learned or dropped by it is as it was before.', body: nothing, answer: schemas.alertAnswer,
    handle: ({ params, by, desk }) => decided(desk.reopen(params.id, by.name), () => ({ alertId: params.id })),
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
    least: 'viewer', summary: 'Known tokens, last used first, searched by handle, fingerprint, identity, workload, owner, or an address it was used from.',
    query: tokenQuery, answer: schemas.tokenPage,
    handle: async ({ query, reader }) => ok(await reader.tokens(query)),
  }),
  route('GET', '/api/intents', {
    least: 'viewer', summary: 'What is or was to be done, newest change first.', query: intentQuery, answer: schemas.intentPage,
    handle: ({ query: { state, ...query }, reader }) => ok(reader.intents({ ...query, states: state })),
  }),
  onIntent('approve', 'Lets it be done, where enough different people say so.', approveBody, (desk, id, by, body) => desk.approve(id, by, body?.seen)),
  onIntent('reject', 'It is not to be done.', nothing, (desk, id, by) => desk.reject(id, by)),
  onIntent('undo', 'Proposes to take back what was done; confirms it where somebody else has.', nothing, (desk, id, by) => desk.undo(id, by)),
  route('GET', '/api/events', {
    least: 'viewer', summary: 'Search in the last events, newest first; `alert` gives those that prove it.', query: eventQuery, answer: schemas.eventPage,
    handle: ({ query, reader }) => ok(reader.events(query)),
  }),
  route('POST', '/api/kill-switch', {
    least: 'responder', needsFreshLogin: ({ on }) => !on, summary: 'Stops all calls at once; only an admin lets them go on.',
    body: killSwitchBody, answer: schemas.killSwitchAnswer,
    handle: ({ body, by, desk, reader }) => (!body.on && !reaches(by.role, 'admin')
      ? { refused: { status: 403, error: 'role' } }
      : decided(desk.killSwitch(body.on, body.reason, by.name), () => ({ killSwitch: reader.status().killSwitch }))),
  }),
  ...policyRoutes,
  ...insightRoutes,
  route('GET', '/api/status', {
    least: 'viewer', summary: 'What the service knows of itself: sources, sinks, caps, kill switch, age of the data.', answer: schemas.status,
    handle: ({ reader }) => ok(reader.status()),
  }),
];
