import { createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import { formBody, jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeGoogle extends Fake {
  readonly endpoint: TokenEndpoint;
  /** Path below `/v1` -> switched off. */
  readonly disabled: Map<string, boolean>;
  readonly apps: Map<string, 'approved' | 'revoked'>;
  /** `developer/app/key`. */
  readonly keys: Map<string, 'approved' | 'revoked'>;
  /** Assertions are checked after they were answered: what did not hold. */
  readonly checks: Promise<void>[];
}

/** IAM and Apigee, behind the token endpoint for service accounts. */
export async function startGoogle(publicKey: KeyObject, own: { readonly email: string; readonly keyId: string }): Promise<FakeGoogle> {
  const endpoint = new TokenEndpoint({ id: '', secret: '', method: 'post', scope: null });
  const account = '/projects/example/serviceAccounts/export@example.iam.gserviceaccount.com';
  const state = {
    disabled: new Map([[account, false], [`${account}/keys/0123456789abcdef0123`, false], [`${account}/keys/ffff456789abcdef0123`, false]]),
    apps: new Map<string, 'approved' | 'revoked'>([['dev@example.com/export', 'approved'], ['dev@example.com/report', 'approved']]), checks: [] as Promise<void>[],
    keys: new Map<string, 'approved' | 'revoked'>([['dev@example.com/export/key/one', 'approved'], ['dev@example.com/export/key/two', 'approved']]),
  };
  const { disabled, apps, checks, keys } = state;
  const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
  const missing: Reply = { status: 404, body: { error: { code: 404, status: 'NOT_FOUND' } } };
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const allowed = (handle: Handler): Handler => (received, parts) =>
    (endpoint.isKnown(received) ? handle(received, parts) : { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } });
  const turn: Handler = (received, [project, email, rest]) => {
    must(project !== '-', 400, 'name the project');
    const [id = '', verb = ''] = (rest ?? email!).split(':');
    jsonBody(received, []);
    must(verb === 'disable' || verb === 'enable', 404, 'no such method');
    const name = `/projects/${project}/serviceAccounts/${rest === undefined ? id : `${email}/keys/${id}`}`;
    if (!disabled.has(name)) return missing;
    disabled.set(name, verb === 'disable');
    return { status: 200, body: {} };
  };
  const shown: Handler = (received, [project, email, id]) => {
    noBody(received);
    const name = `/projects/${project}/serviceAccounts/${email}${id === undefined ? '' : `/keys/${id}`}`;
    return disabled.has(name) ? { status: 200, body: { name: name.slice(1), ...(disabled.get(name) ? { disabled: true } : {}) } } : missing;
  };
  const appAction = (status: 'approved' | 'revoked'): Handler => (received, [, developer, app]) => {
    must(received.headers['content-type'] === 'application/octet-stream', 415, 'octet-stream is documented');
    noBody(received);
    if (!apps.has(`${developer}/${app}`)) return missing;
    apps.set(`${developer}/${app}`, status);
    return { status: 204 };
  };
  const fake = await startFake(routes({
    'POST /token': (received) => {
      const { grant_type: grant, assertion = '' } = formBody(received);
      must(grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer', 400, 'unsupported_grant_type');
      checks.push(jwtVerify(assertion, key, { issuer: own.email, audience: `${fake.url}/token`, algorithms: ['RS256'], maxTokenAge: '1h', requiredClaims: ['exp', 'scope'] })
        .then(({ protectedHeader: { kid }, payload }) => {
          if (kid !== own.keyId || payload['scope'] !== 'https://www.googleapis.com/auth/cloud-platform') throw new Error('wrong key id or scope');
        }));
      return endpoint.give();
    },
    'POST /v1/projects/{}/serviceAccounts/{}': allowed(turn),
    'POST /v1/projects/{}/serviceAccounts/{}/keys/{}': allowed(turn),
    'GET /v1/projects/{}/serviceAccounts/{}': allowed(shown),
    'GET /v1/projects/{}/serviceAccounts/{}/keys/{}': allowed(shown),
    'POST /apigee/organizations/{}/developers/{}/apps/{}?*': allowed((received, parts) => {
      must(received.query === 'action=revoke' || received.query === 'action=approve', 400, 'no such action');
      return appAction(received.query === 'action=revoke' ? 'revoked' : 'approved')(received, parts);
    }),
    'POST /apigee/organizations/{}/developers/{}/apps/{}/keys/{}?*': allowed((received, [, ...place]) => {
      must(received.headers['content-type'] === 'application/octet-stream', 415, 'octet-stream is documented');
      must(received.query === 'action=revoke' || received.query === 'action=approve', 400, 'no such action');
      noBody(received);
      if (!keys.has(place.join('/'))) return missing;
      keys.set(place.join('/'), received.query === 'action=revoke' ? 'revoked' : 'approved');
      return { status: 200, body: { status: keys.get(place.join('/')) } };
    }),
    'GET /apigee/organizations/{}/developers/{}/apps/{}/keys/{}': allowed((_, [, ...place]) =>
      (keys.has(place.join('/')) ? { status: 200, body: { consumerKey: place.at(-1), status: keys.get(place.join('/')) } } : missing)),
    'GET /apigee/organizations/{}/developers/{}/apps/{}': allowed((_, [, developer, app]) =>
      (apps.has(`${developer}/${app}`) ? { status: 200, body: { name: app, status: apps.get(`${developer}/${app}`) } } : missing)),
  }));
  return Object.assign(fake, state, { endpoint });
}
