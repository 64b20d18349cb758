import { noBody, routes, startFake, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeOkta extends Fake {
  readonly sessions: Map<string, string>;
  /** With whose each is. */
  readonly apiTokens: Map<string, string>;
  /** What has a lifecycle, by its path. */
  readonly status: Map<string, 'ACTIVE' | 'INACTIVE'>;
  /** Users whose sessions and tokens were ended. */
  readonly ended: Set<string>;
}

/** Okta's management interface, as its OpenAPI document describes these calls. */
export async function startOkta(apiToken: string): Promise<FakeOkta> {
  const state = {
    sessions: new Map([['102abc', '00u1'], ['102def', '00u1']]), apiTokens: new Map([['00T1', '00uadmin'], ['00T2', '00uother']]), ended: new Set<string>(),
    status: new Map<string, 'ACTIVE' | 'INACTIVE'>([['0oa1', 'ACTIVE'], ['0oa2', 'ACTIVE'], ['0oa1/ocs1', 'ACTIVE'], ['0oa1/ocs2', 'ACTIVE'], ['0oa2/ocs9', 'ACTIVE']]),
  };
  const { sessions, apiTokens, ended, status } = state;
  const missing: Reply = { status: 404, body: { errorCode: 'E0000007', errorSummary: 'Not found', errorCauses: [] } };
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const asAdmin = (handle: Handler): Handler => (received, parts) => {
    if (received.headers['authorization'] !== `SSWS ${apiToken}`) {
      return { status: 401, body: { errorCode: 'E0000011', errorSummary: `Invalid token ${received.headers['authorization']}` } };
    }
    noBody(received);
    return handle(received, parts);
  };
  const shown = (key: string): Reply => (status.has(key) ? { status: 200, body: { id: key.split('/').at(-1), status: status.get(key) } } : missing);
  const turn = (key: string, to: 'ACTIVE' | 'INACTIVE'): Reply => {
    if (!status.has(key)) return missing;
    const [app, secret] = key.split('/');
    const others = [...status].filter(([one, its]) => secret !== undefined && one.startsWith(`${app}/`) && one !== key && its === 'ACTIVE');
    if (to === 'INACTIVE' && secret !== undefined && others.length === 0) return { status: 400, body: { errorCode: 'E0000001' } };
    status.set(key, to);
    return shown(key);
  };
  const ending = (is: boolean): Reply => (is ? { status: 204 } : missing);
  const fake = await startFake(routes({
    'DELETE /api/v1/sessions/{}': asAdmin((_, [id]) => ending(sessions.delete(id!))),
    'GET /api/v1/sessions/{}': asAdmin((_, [id]) => (sessions.has(id!) ? { status: 200, body: { id, status: 'ACTIVE', userId: sessions.get(id!) } } : missing)),
    'DELETE /api/v1/users/{}/sessions?oauthTokens=true&forgetDevices=true': asAdmin((_, [id]) => {
      if (id === '00u1') ended.add(id);
      return ending(id === '00u1');
    }),
    'GET /api/v1/apps/{}': asAdmin((_, [id]) => shown(id!)),
    'POST /api/v1/apps/{}/lifecycle/deactivate': asAdmin((_, [id]) => turn(id!, 'INACTIVE')),
    'POST /api/v1/apps/{}/lifecycle/activate': asAdmin((_, [id]) => turn(id!, 'ACTIVE')),
    'GET /api/v1/apps/{}/credentials/secrets/{}': asAdmin((_, ids) => shown(ids.join('/'))),
    'POST /api/v1/apps/{}/credentials/secrets/{}/lifecycle/deactivate': asAdmin((_, ids) => turn(ids.join('/'), 'INACTIVE')),
    'POST /api/v1/apps/{}/credentials/secrets/{}/lifecycle/activate': asAdmin((_, ids) => turn(ids.join('/'), 'ACTIVE')),
    'GET /api/v1/users/me': asAdmin(() => ({ status: 200, body: { id: '00uadmin', status: 'ACTIVE', profile: { login: 'ann@example.com' } } })),
    'GET /api/v1/api-tokens': asAdmin(() => ({ status: 200, body: [...apiTokens].map(([id, userId]) => ({ id, userId, name: 'ci', clientName: 'Okta API' })) })),
    'DELETE /api/v1/api-tokens/{}': asAdmin((_, [id]) => ending(apiTokens.delete(id!))),
    'GET /api/v1/api-tokens/{}': asAdmin((_, [id]) => (apiTokens.has(id!) ? { status: 200, body: { id, name: 'ci' } } : missing)),
  }));
  return Object.assign(fake, state);
}
