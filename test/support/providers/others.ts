/** Providers of which a page of documentation says all that is used. */
import type { KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

type Handler = (received: Received, parts: readonly string[]) => Reply;

export interface FakeGithub extends Fake { readonly revoked: Set<string> }

/** `POST /credentials/revoke`, which must not be authenticated. */
export async function startGithub(): Promise<FakeGithub> {
  const revoked = new Set<string>();
  const fake = await startFake(routes({
    'POST /credentials/revoke': (received) => {
      must(received.headers['authorization'] === undefined, 403, 'it was authenticated');
      must(received.headers['accept'] === 'application/vnd.github+json' && received.headers['x-github-api-version'] === '2022-11-28', 400, 'which version');
      const { credentials } = jsonBody(received, ['credentials']) as { credentials: string[] };
      must(credentials.length > 0 && credentials.length <= 1000, 422, 'one to a thousand');
      for (const one of credentials) {
        must(/^(?:ghp_|github_pat_|gho_|ghu_|ghr_)/.test(one), 422, 'no such kind');
        revoked.add(one);
      }
      return { status: 202 };
    },
  }));
  return Object.assign(fake, { revoked });
}

export interface FakeKong extends Fake { readonly keys: Set<string>; readonly plugins: Map<string, string> }
export const kongIds = { key: 'aaaaaaaa-0000-4000-8000-000000000001', sibling: 'aaaaaaaa-0000-4000-8000-000000000002', consumer: 'cccccccc-0000-4000-8000-000000000001' } as const;

/** Kong's Admin API: keys, and plugins of consumers. */
export async function startKong(token: string): Promise<FakeKong> {
  const keys = new Set<string>([kongIds.key, kongIds.sibling]);
  const plugins = new Map<string, string>();
  const missing: Reply = { status: 404, body: { message: 'Not found' } };
  const allowed = (handle: Handler): Handler => (received, parts) =>
    (received.headers['kong-admin-token'] === token ? handle(received, parts) : { status: 401, body: { message: 'Invalid RBAC credentials' } });
  const ofConsumer = (handle: Handler): Handler => allowed((received, parts) => (parts[0] === kongIds.consumer ? handle(received, parts) : missing));
  const fake = await startFake(routes({
    'GET /key-auths/{}': allowed((_, [id]) => (keys.has(id!) ? { status: 200, body: { id, key: 'secret-canary' } } : missing)),
    'DELETE /key-auths/{}': allowed((received, [id]) => {
      noBody(received);
      keys.delete(id!);
      return { status: 204 };
    }),
    'POST /consumers/{}/plugins': ofConsumer((received, [consumer]) => {
      const { id, name, config } = jsonBody(received, ['id', 'name', 'config']) as { id: string; name: string; config: { status_code: number } };
      must(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id) && name === 'request-termination' && config.status_code === 401, 400, 'schema violation');
      if (plugins.size > 0) return { status: 409, body: { name: 'unique constraint violation' } };
      plugins.set(id, consumer!);
      return { status: 201, body: { id, name, enabled: true } };
    }),
    'GET /consumers/{}/plugins/{}': ofConsumer((_, [, id]) => (plugins.has(id!) ? { status: 200, body: { id, name: 'request-termination', enabled: true } } : missing)),
    'DELETE /consumers/{}/plugins/{}': ofConsumer((received, [, id]) => {
      noBody(received);
      plugins.delete(id!);
      return { status: 204 };
    }),
  }));
  return Object.assign(fake, { keys, plugins });
}

export interface FakePing extends Fake { readonly sessions: Set<string>; readonly grants: Set<string>; readonly sris: Set<string> }

/** Sessions of PingOne; grants and revoked sessions of PingFederate. */
export async function startPing(secret: string): Promise<FakePing> {
  const endpoint = new TokenEndpoint({ id: 'worker', secret, method: 'basic', scope: null });
  const state = { sessions: new Set(['s-1', 's-2']), grants: new Set(['clients/export/g1', 'users/joe/g2']), sris: new Set<string>() };
  const basic = `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`;
  const federated = (handle: Handler): Handler => (received, parts) => {
    must(received.headers['x-xsrf-header'] !== undefined, 400, 'X-XSRF-Header is required');
    return received.headers['authorization'] === basic ? handle(received, parts) : { status: 401 };
  };
  const grant: Handler = (received, parts) => {
    noBody(received);
    const known = state.grants.has(parts.join('/'));
    if (!known) return { status: 404 };
    if (received.method === 'GET') return { status: 200, body: { id: parts[2], scope: 'read' } };
    state.grants.delete(parts.join('/'));
    return { status: 204 };
  };
  const fake = await startFake(routes({
    'POST /env-1/as/token': (received) => endpoint.issue(received),
    'POST /v1/environments/{}/sessions/{}': (received, [environment, id]) => {
      must(received.headers['content-type'] === 'application/vnd.pingidentity.sso.session.logout', 415, 'the content type says what is done');
      noBody(received);
      if (!endpoint.isKnown(received)) return { status: 401 };
      return environment === 'env-1' && state.sessions.delete(id!) ? { status: 204 } : { status: 404 };
    },
    'POST /pf-ws/rest/sessionMgmt/revokedSris': federated((received) => {
      state.sris.add(String(jsonBody(received, ['id'])['id']));
      return { status: 200 };
    }),
    'GET /pf-ws/rest/oauth/{}/{}/grants/{}': federated(grant),
    'DELETE /pf-ws/rest/oauth/{}/{}/grants/{}': federated(grant),
  }));
  return Object.assign(fake, state);
}

export interface SetRules { readonly key: KeyObject; readonly keyId: string; readonly issuer: string; readonly audience: string; readonly authorization?: string }
export interface FakeReceiver extends Fake { readonly sets: Map<string, Readonly<Record<string, unknown>>>; readonly checks: Promise<void>[]; err: string | null }

/** A receiver of security events: RFC 8935 and 8417, the Shared Signals Framework and CAEP as they profile them. */
export async function startReceiver({ key, keyId, issuer, audience, authorization }: SetRules): Promise<FakeReceiver> {
  const state = { sets: new Map<string, Readonly<Record<string, unknown>>>(), checks: [] as Promise<void>[], err: null as string | null };
  const refused = (err: string): Reply => ({ status: 400, headers: { 'content-type': 'application/json', 'content-language': 'en' }, body: { err, description: 'secret-canary' } });
  const fake = await startFake(routes({
    'POST /events': ({ headers, body }) => {
      must(headers['content-type'] === 'application/secevent+jwt' && headers['accept'] === 'application/json', 415, 'no event');
      must(headers['authorization'] === authorization, 401, 'the stream has an authorization header');
      if (state.err !== null) return refused(state.err);
      state.checks.push(compactVerify(body, key, { algorithms: ['RS256'] }).then(({ protectedHeader: { typ, kid } }) => {
        if (typ !== 'secevent+jwt' || kid !== keyId) throw new Error(`header ${typ} ${kid}`);
      }));
      const claims = JSON.parse(Buffer.from(body.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
      must(Object.keys(claims).sort().join() === 'aud,events,iat,iss,jti,sub_id,txn', 400, `claims ${Object.keys(claims).join()}`);
      must(claims['iss'] === issuer && claims['aud'] === audience, 400, 'invalid_issuer');
      const [event, ...more] = Object.values(claims['events'] as object) as { event_timestamp: unknown; reason_admin: { en: string } }[];
      must(more.length === 0 && Number.isInteger(event!.event_timestamp) && event!.reason_admin.en !== '', 400, 'one event, with a reason');
      const { format, ...subject } = claims['sub_id'] as Record<string, string>;
      must(format === 'jwt_id' ? Object.keys(subject).join() === 'iss,jti' : format === 'iss_sub' && Object.keys(subject).join() === 'iss,sub', 400, 'subject');
      state.sets.set(String(claims['jti']), claims);
      return { status: 202 };
    },
  }));
  return Object.assign(state, fake);
}
