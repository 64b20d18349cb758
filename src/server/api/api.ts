import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { principalOf, type Access } from '../access.ts';
import { loginAgainPath } from '../oidc/routes.ts';
import { openApiDocument } from './openapi.ts';
import type { Desk, Reader, Triage } from './ports.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import type { Problem } from './shapes.ts';

const maxBodyBytes = 4096;

export interface ApiParts {
  readonly version: string;
  readonly reader: Reader;
  readonly desk: Desk;
  readonly triage: Triage;
  readonly access: Access;
  readonly refuse: (reply: FastifyReply, status: number, reason: string, problem?: Problem) => FastifyReply;
}

/** Adds every route of the table, each behind its own check, and their description. */
export function addApi(server: FastifyInstance, parts: ApiParts): void {
  const { access, refuse, version } = parts;
  for (const route of routes) {
    server.route({
      method: route.method, url: route.path, bodyLimit: maxBodyBytes,
      onRequest: route.method === 'GET' ? access.admit(route.least, false, refuse) : [access.admit(route.least, true, refuse), access.admitNamed(refuse)],
      handler: (request, reply) => answer(route, parts, request, reply),
    });
  }
  const document = JSON.stringify(openApiDocument(version));
  server.get('/api/openapi.json', (_, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(document));
}

/** Not while they would be incomplete. What people decide, above all to stop, waits for nothing. */
function showsLists({ method, path }: Route): boolean {
  return method === 'GET' && path !== '/api/status';
}

async function answer(route: Route, { reader, desk, triage, access, refuse }: ApiParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (!reader.isReady && showsLists(route)) return refuse(reply.header('retry-after', '1'), 503, 'starting');
  const query = route.query === null ? null : route.query.safeParse(request.query);
  const body = route.body === null ? null : route.body.safeParse(request.body);
  const principal = principalOf(request);
  if (query?.success === false || body?.success === false || principal === null) return refuse(reply, 400, 'bad_request');
  const staleness = route.needsFreshLogin(body?.data) ? access.staleness(principal) : null;
  if (staleness !== null) return refuse(reply, 403, staleness, staleness === 'step_up' ? askingAgain(access) : undefined);
  const { account: by } = principal;
  const call = { params: request.params, query: query?.data, body: body?.data, by, reader, desk, triage } as Parameters<Route['handle']>[0];
  const answered = await route.handle(call);
  return 'ok' in answered ? reply.send(answered.ok) : refuse(reply, answered.refused.status, answered.refused.error);
}

/** What whoever decides is told when their login is too old, or was of another kind. */
function askingAgain({ stepUp }: Access): Problem {
  const minutes = Math.floor((stepUp?.withinMs ?? 0) / 60_000);
  return {
    title: 'Log in again to decide', detail: `Whoever lets something be done must have logged in within the last ${minutes} minutes.`, login: loginAgainPath,
  };
}
