import { z } from 'zod';
import type { DeskAnswer } from './ports.ts';
import { decided, found, limit, nothing, ok, route, text, type Answered, type Call, type Route } from './route.ts';
import { alertAnswer } from './schemas.ts';
import * as schemas from './schemas-desk.ts';

const touchedQuery = z.strictObject({ limit: limit(5_000, 200) });

const closeBody = z.strictObject({ as: z.enum(['benign', 'false_alarm', 'theft']), reason: z.string().trim().max(900).optional() });
const noteBody = z.strictObject({ text: z.string().trim().min(1).max(1_000) });
const assignBody = z.strictObject({ owner: text.nullable() });
const quietBody = z.strictObject({ hours: z.number().min(0).max(24), reason: z.string().trim().min(1).max(900) });

/** Does it to every alert of a lineage; what somebody else has closed meanwhile is left out. */
function toEach(ids: readonly string[], does: (id: string) => { readonly ok: boolean }): Answered {
  return ids.length === 0 ? { refused: { status: 404, error: 'unknown_alert' } } : ok({ alertIds: ids.filter((id) => does(id).ok) });
}

type CloseBody = z.output<typeof closeBody>;
const asWords: Readonly<Record<CloseBody['as'], string>> = { benign: 'benign', false_alarm: 'a false alarm', theft: 'theft' };

/** Closes one alert, and keeps the reason as its note. */
function close(id: string, { body: { as, reason }, by, desk, triage }: Pick<Call<never, never, CloseBody>, 'body' | 'by' | 'desk' | 'triage'>): DeskAnswer {
  const answer = desk.close(id, as, by.name);
  if (answer.ok && reason !== undefined && reason !== '') triage.note(id, `Closed as ${asWords[as]}: ${reason}`, by.name);
  return answer;
}

/** What whoever works on alerts needs besides lists and details. */
export const deskRoutes: readonly Route[] = [
  route('GET', '/api/alerts/:id/touched', {
    least: 'viewer', summary: 'Every object that the alert\'s lineage touched since its first alert, and what was issued to it.',
    query: touchedQuery, answer: schemas.touchedPage,
    handle: ({ params, query, reader }) => found(reader.touchedOfAlert(params.id, query.limit)),
  }),
  route('GET', '/api/incidents/:id/touched', {
    least: 'viewer', summary: 'The same of all lineages of an incident.', query: touchedQuery, answer: schemas.touchedPage,
    handle: ({ params, query, reader }) => found(reader.touchedOfIncident(params.id, query.limit)),
  }),
  route('GET', '/api/trends', {
    least: 'viewer', summary: 'How things go, week by week, and how many credentials are as they should be.', answer: schemas.trends,
    handle: async ({ reader }) => ok(await reader.trends()),
  }),
  route('POST', '/api/alerts/:id/close', {
    least: 'analyst', summary: 'Closes it; what deviated is accepted as normal unless it was theft. The reason is kept as a note.',
    body: closeBody, answer: alertAnswer,
    handle: (call) => decided(close(call.params.id, call), () => ({ alertId: call.params.id })),
  }),
  route('POST', '/api/alerts/:id/close-lineage', {
    least: 'analyst', summary: 'Closes every alert of its identity or lineage, and no other.', body: closeBody, answer: schemas.lineageAnswer,
    handle: (call) => toEach(call.triage.lineage(call.params.id), (id) => close(id, call)),
  }),
  route('POST', '/api/alerts/:id/acknowledge-lineage', {
    least: 'analyst', summary: 'Acknowledges every alert of its identity or lineage.', body: nothing, answer: schemas.lineageAnswer,
    handle: ({ params, by, desk, triage }) => toEach(triage.lineage(params.id), (id) => desk.acknowledge(id, by.name)),
  }),
  route('POST', '/api/alerts/:id/note', {
    least: 'analyst', summary: 'Writes something down beside it; 50 notes at most.', body: noteBody, answer: alertAnswer,
    handle: ({ params: { id }, body, by, triage }) => decided(triage.note(id, body.text, by.name), () => ({ alertId: id })),
  }),
  route('POST', '/api/alerts/:id/claim', {
    least: 'viewer', summary: '"It was me": kept as evidence with name and time, once for each account. It closes nothing and stops nothing.',
    body: noteBody, answer: alertAnswer,
    handle: ({ params: { id }, body, by, triage }) => decided(triage.claim(id, body.text, by.name), () => ({ alertId: id })),
  }),
  route('POST', '/api/alerts/:id/assign', {
    least: 'analyst', summary: 'Says who looks after it; `null`: nobody.', body: assignBody, answer: alertAnswer,
    handle: ({ params: { id }, body, by, triage }) => decided(triage.assign(id, body.owner, by.name), () => ({ alertId: id })),
  }),
  route('POST', '/api/alerts/:id/quiet', {
    least: 'analyst', summary: 'Nobody is told of more of the same from the same networks for up to 24 hours; it is stored and counted. 0: told again.',
    body: quietBody, answer: alertAnswer,
    handle: ({ params: { id }, body, by, triage }) => decided(triage.quiet(id, body.hours, body.reason, by.name), () => ({ alertId: id })),
  }),
];
