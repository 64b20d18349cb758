import { z } from 'zod';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import * as schemas from './schemas.ts';

type Json = { [key: string]: unknown };

const refusals: Readonly<Record<number, string>> = {
  400: 'the request is not as described', 401: 'nobody is known by what was shown', 403: 'the account may not', 404: 'there is no such thing',
  409: 'it cannot be done as things stand', 503: 'not now: try again',
};

/** What stands beside the table: how a browser begins and ends a session. */
const sessionPaths: Json = {
  '/api/session': {
    get: operation('Who asks, and the token to send with changes.', schemas.session, [401]),
    post: {
      ...operation('A browser shows an API token and gets a session in a cookie.', schemas.session, [400, 401]),
      requestBody: bodyOf(z.strictObject({ token: z.string() })), security: [],
    },
    delete: { summary: 'Ends the session and the streams it opened.', responses: { 204: { description: 'ended' }, ...refused([401]) } },
  },
  '/api/ticket': { post: operation('Opens /ws once, within 30 s.', schemas.ticket, [401, 403]) },
  '/api/openapi.json': {
    get: { summary: 'This document.', responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': {} } } }, security: [] },
  },
};

/** The API's description, made of the table of routes. */
export function openApiDocument(version: string): Json {
  const paths: { [path: string]: Json } = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return withShared({
    openapi: '3.1.0',
    info: { title: 'Tokenward', version, description: 'Times are epoch milliseconds, UTC. Changes made by a browser need the header x-csrf-token.' },
    paths: { ...paths, ...sessionPaths }, security: [{ bearer: [] }, { cookie: [] }],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, cookie: { type: 'apiKey', in: 'cookie', name: 'tokenward_session' } },
      schemas: { Message: jsonSchema(schemas.message, 'output'), Refused: jsonSchema(schemas.refused, 'output') },
    },
  });
}

/** Schemas that are named stand once, under `components`. */
function withShared(document: Json): Json {
  const shared: Json = {};
  const whole = JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key === '$ref') return (value as string).replace('#/$defs/', '#/components/schemas/');
    if (key !== '$defs') return value;
    Object.assign(shared, value);
    return undefined;
  }) as { components: { schemas: Json } };
  Object.assign(whole.components.schemas, shared);
  return whole;
}

function operationOf(route: Route): Json {
  const named = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const query = route.query === null ? [] : parametersOf(jsonSchema(route.query, 'input'));
  const asksForOne = named.length > 0 || query.some(({ name }) => name === 'id');
  const changes = route.method === 'POST';
  const failures = [400, 401, 403, ...(asksForOne || changes ? [404] : []), ...(changes || route.mayConflict ? [409] : []), 503];
  return {
    ...operation(route.summary, route.answer, failures, mayAskToLogIn(route)), 'x-least-role': route.least,
    ...(named.length + query.length > 0 ? { parameters: [...named, ...query] } : {}),
    ...(route.body === null ? {} : { requestBody: bodyOf(route.body) }),
  };
}

/** With `on: false` actions go on: the one body that decides it. */
function mayAskToLogIn(route: Route): boolean {
  return route.needsFreshLogin({ on: false });
}

/** `isProblem`: 403 may say that one has to log in again, as a problem document. */
function operation(summary: string, answer: z.ZodType, failures: readonly number[], isProblem = false): Json {
  const content = { 'application/json': { schema: jsonSchema(answer, 'output') } };
  return { summary, responses: { 200: { description: 'done', content }, ...refused(failures, isProblem) } };
}

function refused(failures: readonly number[], isProblem = false): Json {
  const told = { schema: { $ref: '#/components/schemas/Refused' } };
  const content = { 'application/json': told };
  const ofStatus = (status: number): Json => (isProblem && status === 403 ? { ...content, 'application/problem+json': told } : content);
  return Object.fromEntries(failures.map((status) => [status, { description: refusals[status], content: ofStatus(status) }]));
}

function bodyOf(schema: z.ZodType): Json {
  return { required: !schema.safeParse(undefined).success, content: { 'application/json': { schema: jsonSchema(schema, 'input') } } };
}

function parametersOf({ properties, required }: Json): Json[] {
  const needed = new Set((required ?? []) as string[]);
  return Object.entries(properties as Json).map(([name, schema]) => ({ name, in: 'query', required: needed.has(name), schema }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
