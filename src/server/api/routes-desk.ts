import { z } from 'zod';
import { found, limit, route, type Route } from './route.ts';
import * as schemas from './schemas-desk.ts';

const touchedQuery = z.strictObject({ limit: limit(5_000, 200) });

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
];
