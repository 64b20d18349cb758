import { z } from 'zod';
import { after, found, identity, limit, ok, route, text, type Route } from './route.ts';
import * as schemas from './schemas-insight.ts';

const identityQuery = z.strictObject({ id: identity });
const hiddenQuery = z.strictObject({ identity: identity.optional(), exception: text.optional(), limit: limit(500, 100), after });
const readinessQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(3_650).default(14) });

/** What is looked up by whoever looks further. */
export const insightRoutes: readonly Route[] = [
  route('GET', '/api/identity', {
    least: 'viewer', summary: 'One identity whole: its life, tokens, users, networks, alerts, responses. Ids hold slashes, so it is asked for by `id`.',
    query: identityQuery, answer: schemas.identityDetail,
    handle: async ({ query, reader }) => found(await reader.insight.identity(query.id)),
  }),
  route('GET', '/api/exceptions', {
    least: 'viewer', summary: 'What people agreed not to be told of, and how much each exception has hidden.', answer: schemas.exceptionPage,
    handle: async ({ reader }) => ok(await reader.insight.exceptions()),
  }),
  route('GET', '/api/hidden', {
    least: 'viewer', summary: 'Alerts that exceptions hide, newest first, in pages. They stand in no other list.',
    query: hiddenQuery, answer: schemas.hiddenPage,
    handle: async ({ query, reader }) => ok(await reader.insight.hidden(query)),
  }),
  route('GET', '/api/readiness', {
    least: 'viewer', summary: 'Which detectors could be let act by themselves, by what people said of their proposals.', query: readinessQuery,
    answer: schemas.readinessPage,
    handle: async ({ query, reader }) => ok(await reader.insight.readiness(query.days)),
  }),
  route('GET', '/api/health', {
    least: 'viewer', summary: 'What the service promises and what it measured of itself, the age of its tables, versions.', answer: schemas.health,
    handle: async ({ reader }) => ok(await reader.insight.health()),
  }),
];
