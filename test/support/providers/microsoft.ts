import { jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

const tenant = '11111111-aaaa-4bbb-8ccc-000000000001';
export const ids = {
  tenant, principal: '22222222-aaaa-4bbb-8ccc-000000000002', application: '33333333-aaaa-4bbb-8ccc-000000000003', user: '44444444-aaaa-4bbb-8ccc-000000000004',
  secret: '55555555-aaaa-4bbb-8ccc-000000000005', otherSecret: '55555555-aaaa-4bbb-8ccc-000000000006', key: '66666666-aaaa-4bbb-8ccc-000000000007',
  otherKey: '66666666-aaaa-4bbb-8ccc-000000000008', trust: '77777777-aaaa-4bbb-8ccc-000000000009', otherTrust: '77777777-aaaa-4bbb-8ccc-00000000000a',
} as const;

type Handler = (received: Received, parts: readonly string[]) => Reply;
interface Key { readonly keyId: string; readonly type: string; readonly usage: string; readonly key: string | null }

export interface FakeGraph extends Fake {
  endpoint(): TokenEndpoint;
  readonly state: { accountEnabled: boolean; isDisabled?: boolean; passwords: string[]; keys: Key[]; trusts: string[]; validFrom: string };
}

const authorized = (endpoint: TokenEndpoint, handle: Handler): Handler => (received, parts) =>
  (endpoint.isKnown(received) ? handle(received, parts) : { status: 401, body: { error: { code: 'InvalidAuthenticationToken', message: JSON.stringify(received.headers) } } });
const absent: Reply = { status: 404, body: { error: { code: 'Request_ResourceNotFound' } } };

/** Microsoft Graph v1.0 and the token endpoint before it. */
export async function startGraph(secret: string, origin: () => string, now: () => number): Promise<FakeGraph> {
  const state: FakeGraph['state'] = {
    accountEnabled: true, passwords: [ids.secret, ids.otherSecret], validFrom: '2026-01-01T00:00:00Z', trusts: [ids.trust, ids.otherTrust],
    keys: [ids.key, ids.otherKey].map((keyId) => ({ keyId, type: 'AsymmetricX509Cert', usage: 'Verify', key: 'MIIC' })),
  };
  let endpoint: TokenEndpoint | null = null;
  const known = (): TokenEndpoint => endpoint ??= new TokenEndpoint({ id: 'app-id', secret, method: 'post', scope: `${origin()}/.default` });
  const on = (object: string, handle: Handler): Handler => (received, parts) =>
    authorized(known(), () => (parts[0] === object ? handle(received, parts) : absent))(received, parts);
  const fake = await startFake(routes({
    [`POST /${tenant}/oauth2/v2.0/token`]: (received) => known().issue(received),
    'PATCH /v1.0/servicePrincipals/{}': on(ids.principal, (received) => {
      state.accountEnabled = jsonBody(received, ['accountEnabled'])['accountEnabled'] as boolean;
      return { status: 204 };
    }),
    'GET /v1.0/servicePrincipals/{}?$select=accountEnabled': on(ids.principal, () => ({ status: 200, body: { accountEnabled: state.accountEnabled } })),
    'PATCH /v1.0/applications/{}': on(ids.application, (received) => {
      if (received.body.includes('isDisabled')) state.isDisabled = jsonBody(received, ['isDisabled'])['isDisabled'] as boolean;
      else state.keys = jsonBody(received, ['keyCredentials'])['keyCredentials'] as Key[];
      must(state.keys.every(({ key }) => key !== null), 400, 'a key without its value');
      return { status: 204 };
    }),
    'GET /v1.0/applications/{}?*': on(ids.application, ({ query }) => {
      const all: Readonly<Record<string, unknown>> = { isDisabled: state.isDisabled, passwordCredentials: state.passwords.map((keyId) => ({ keyId })), keyCredentials: state.keys };
      const name = /^\$select=(\w+)$/.exec(query)?.[1] ?? '';
      must(name in all, 400, `query ${query}`);
      return { status: 200, body: { [name]: all[name] } };
    }),
    'POST /v1.0/applications/{}/removePassword': on(ids.application, (received) => {
      const { keyId } = jsonBody(received, ['keyId']);
      if (!state.passwords.includes(keyId as string)) return { status: 400, body: { error: { code: 'Request_BadRequest' } } };
      state.passwords = state.passwords.filter((one) => one !== keyId);
      return { status: 204 };
    }),
    'DELETE /v1.0/applications/{}/federatedIdentityCredentials/{}': on(ids.application, (received, [, trust]) => {
      noBody(received);
      if (!state.trusts.includes(trust!)) return absent;
      state.trusts = state.trusts.filter((one) => one !== trust);
      return { status: 204 };
    }),
    'GET /v1.0/applications/{}/federatedIdentityCredentials/{}': on(ids.application, (_, [, trust]) =>
      (state.trusts.includes(trust!) ? { status: 200, body: { id: trust, issuer: 'https://token.actions.githubusercontent.com' } } : absent)),
    'POST /v1.0/users/{}/revokeSignInSessions': on(ids.user, (received) => {
      noBody(received);
      state.validFrom = new Date(now()).toISOString();
      return { status: 200, body: { value: true } };
    }),
    'GET /v1.0/users/{}?$select=signInSessionsValidFromDateTime': on(ids.user, () => ({ status: 200, body: { signInSessionsValidFromDateTime: state.validFrom } })),
  }));
  return Object.assign(fake, { state, endpoint: known });
}

export interface FakeApim extends Fake { readonly states: Map<string, string> }

/** Azure's management interface for subscriptions of API Management. */
export async function startApim(secret: string, origin: () => string): Promise<FakeApim> {
  const states = new Map([['partner-1', 'active'], ['partner-2', 'active']]);
  let endpoint: TokenEndpoint | null = null;
  const known = (): TokenEndpoint => endpoint ??= new TokenEndpoint({ id: 'app-id', secret, method: 'post', scope: `${origin()}/.default` });
  const one = '/subscriptions/sub-1/resourceGroups/Group/providers/Microsoft.ApiManagement/service/edge/subscriptions/{}?api-version=2024-05-01';
  const shown = (id: string): Reply => (states.has(id) ? { status: 200, body: { name: id, properties: { state: states.get(id) } } } : absent);
  const fake = await startFake(routes({
    [`POST /${tenant}/oauth2/v2.0/token`]: (received) => known().issue(received),
    [`GET ${one}`]: (received, parts) => authorized(known(), () => shown(parts[0]!))(received, parts),
    [`PATCH ${one}`]: (received, parts) => authorized(known(), () => {
      must(received.headers['if-match'] === '*', 412, 'If-Match is required');
      const { state } = jsonBody(received, ['properties'])['properties'] as { state: string };
      must(['suspended', 'active', 'cancelled', 'rejected', 'expired', 'submitted'].includes(state), 400, 'no such state');
      if (states.has(parts[0]!)) states.set(parts[0]!, state);
      return shown(parts[0]!);
    })(received, parts),
  }));
  return Object.assign(fake, { states });
}
