import { createHmac } from 'node:crypto';
import { formBody, jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeKeycloak extends Fake {
  readonly endpoint: TokenEndpoint;
  /** A token of a session of the user `u-1` and the client `billing-export`. */
  login(sid: string): string;
  /** Refused by everybody who asks Keycloak. */
  isDead(token: string): boolean;
  readonly client: Record<string, unknown>;
}

interface Session { readonly id: string; readonly start: number }
const realm = '/realms/prod';
const admin = '/admin/realms/prod';
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What Keycloak 26 did when it was asked for real: sessions, logout, not-before and switching a client. */
export async function startKeycloak(secret: string, now: () => number): Promise<FakeKeycloak> {
  const endpoint = new TokenEndpoint({ id: 'tokenward', secret, method: 'basic', scope: null });
  const sessions = new Map<string, Session>();
  const client: Record<string, unknown> = { id: 'c-1', clientId: 'billing-export', enabled: true, notBefore: 0, attributes: { kept: 'as it was' }, redirectUris: [] };
  const claims = (token: string): { sid: string; iat: number } => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as never;
  const isDead = (token: string): boolean => !sessions.has(claims(token).sid) || client['enabled'] !== true || claims(token).iat < Number(client['notBefore']);
  const basic = `Basic ${Buffer.from(`tokenward:${encodeURIComponent(secret)}`).toString('base64')}`;
  const asAdmin = (handle: (received: Received, parts: readonly string[]) => Reply) => (received: Received, parts: readonly string[]): Reply =>
    (endpoint.isKnown(received) ? handle(received, parts) : { status: 401, body: { error: 'HTTP 401 Unauthorized' } });
  const missing: Reply = { status: 404, body: { error: 'not found' } };
  const fake = await startFake(routes({
    [`POST ${realm}/protocol/openid-connect/token`]: (received) => endpoint.issue(received),
    [`POST ${realm}/protocol/openid-connect/token/introspect`]: (received) => {
      if (received.headers['authorization'] !== basic) return { status: 401, body: { error: 'invalid_client' } };
      return { status: 200, body: isDead(formBody(received)['token']!) ? { active: false } : { active: true, client_id: 'billing-export' } };
    },
    [`DELETE ${admin}/sessions/{}?isOffline=false`]: asAdmin((received, [sid]) => {
      noBody(received);
      return sessions.delete(sid!) ? { status: 204 } : missing;
    }),
    [`POST ${admin}/users/{}/logout`]: asAdmin((received, [user]) => {
      noBody(received);
      if (user !== 'u-1') return missing;
      sessions.clear();
      return { status: 204 };
    }),
    [`GET ${admin}/users/{}/sessions`]: asAdmin((_, [user]) => (user === 'u-1' ? { status: 200, body: [...sessions.values()] } : missing)),
    [`GET ${admin}/clients?*`]: asAdmin(({ query }) => ({ status: 200, body: query === 'clientId=billing-export' ? [client] : [] })),
    [`PUT ${admin}/clients/{}`]: asAdmin((received, [id]) => {
      if (id !== client['id']) return missing;
      const given = jsonBody(received, Object.keys(client));
      must(JSON.stringify(given['attributes']) === JSON.stringify(client['attributes']), 400, 'something else was changed');
      must(Number.isInteger(given['notBefore']), 400, 'notBefore is in seconds');
      Object.assign(client, given);
      return { status: 204 };
    }),
  }));
  const login = (sid: string): string => {
    sessions.set(sid, { id: sid, start: now() });
    const input = `${encoded({ alg: 'HS256' })}.${encoded({ iss: `${fake.url}${realm}`, sub: 'u-1', sid, iat: Math.floor(now() / 1000) })}`;
    return `${input}.${createHmac('sha256', 'k').update(input).digest('base64url')}`;
  };
  return { ...fake, endpoint, login, isDead, client };
}
