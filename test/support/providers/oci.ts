import { createHash, verify, type KeyObject } from 'node:crypto';
import { jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeOci extends Fake {
  /** Collection -> ids of the user's credentials. */
  readonly credentials: Map<string, Set<string>>;
  canUseApiKeys: boolean;
  /** Our user may do nothing. */
  isForeign: boolean;
}

export const victim = 'ocid1.user.oc1..victim';
const plain = ['x-date', '(request-target)', 'host'];
const withBody = [...plain, 'content-type', 'content-length', 'x-content-sha256'];

/** The request signature of Oracle Cloud, as its documentation describes it. */
function checkSignature({ method, path, query, headers, body }: Received, keyId: string, key: KeyObject): void {
  const found = /^Signature version="1",keyId="([^"]+)",algorithm="rsa-sha256",headers="([^"]+)",signature="([^"]+)"$/.exec(headers['authorization'] ?? '');
  must(found !== null && found[1] === keyId, 401, 'NotAuthenticated');
  const names = found[2]!.split(' ');
  must(names.join() === (method === 'PUT' || method === 'POST' ? withBody : plain).join(), 401, `signed: ${names.join()}`);
  must(Math.abs(Date.parse(headers['x-date'] ?? '') - Date.now()) < 300_000, 401, 'clock skew');
  const value = (name: string): string => (name === '(request-target)' ? `${method.toLowerCase()} ${path}${query === '' ? '' : `?${query}`}` : headers[name]!);
  must(!names.includes('x-content-sha256') || value('x-content-sha256') === createHash('sha256').update(body).digest('base64'), 401, 'another body');
  const text = names.map((name) => `${name}: ${value(name)}`).join('\n');
  must(verify('sha256', Buffer.from(text), key, Buffer.from(found[3]!, 'base64')), 401, 'wrong signature');
}

/** Credentials of users in Oracle Cloud. What is not there and what one may not touch look alike. */
export async function startOci(keyId: string, key: KeyObject): Promise<FakeOci> {
  const idOf: Readonly<Record<string, string>> = { apiKeys: 'fingerprint', authTokens: 'id', customerSecretKeys: 'id', oauth2ClientCredentials: 'id' };
  const fingerprints = ['20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34', 'aa:bb:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34'];
  const names = ['ocid1.credential.oc1..stolen', 'ocid1.credential.oc1..sibling'];
  const state = {
    credentials: new Map(Object.keys(idOf).map((name) => [name, new Set(name === 'apiKeys' ? fingerprints : names)])), canUseApiKeys: true, isForeign: false,
  };
  const missing: Reply = { status: 404, body: { code: 'NotAuthorizedOrNotFound', message: 'Authorization failed or requested resource not found' } };
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const allowed = (handle: Handler): Handler => (received, parts) => {
    checkSignature(received, keyId, key);
    return state.isForeign || parts[0] !== victim ? missing : handle(received, parts);
  };
  const user = (): Reply => ({ status: 200, body: { id: victim, capabilities: { canUseApiKeys: state.canUseApiKeys, canUseAuthTokens: true } } });
  const fake = await startFake(routes({
    'GET /20160918/users/{}': allowed(user),
    'PUT /20160918/users/{}/capabilities': allowed((received) => {
      state.canUseApiKeys = jsonBody(received, ['canUseApiKeys'])['canUseApiKeys'] as boolean;
      return user();
    }),
    'GET /20160918/users/{}/{}': allowed((_, [, collection]) => {
      const ids = state.credentials.get(collection!);
      must(ids !== undefined, 404, 'no such collection');
      return { status: 200, body: [...ids].map((id) => ({ [idOf[collection!]!]: id, lifecycleState: 'ACTIVE' })) };
    }),
    'DELETE /20160918/users/{}/{}/{}': allowed((received, [, collection, id]) => {
      noBody(received);
      must(state.credentials.has(collection!), 404, 'no such collection');
      return state.credentials.get(collection!)!.delete(id!) ? { status: 204 } : missing;
    }),
  }));
  return Object.assign(state, fake);
}

export interface FakeDomain extends Fake { readonly status: Map<string, string> }

/** An identity domain: SCIM, the statuses never told. */
export async function startDomain(secret: string): Promise<FakeDomain> {
  const endpoint = new TokenEndpoint({ id: 'domain-app', secret, method: 'basic', scope: 'urn:opc:idm:__myscopes__' });
  const status = new Map([['AuthTokens/t1', 'ACTIVE'], ['OAuth2ClientCredentials/c1', 'ACTIVE']]);
  const fake = await startFake(routes({
    'POST /oauth2/v1/token': (received) => endpoint.issue(received),
    'PATCH /admin/v1/{}/{}': (received, [collection, id]) => {
      if (!endpoint.isKnown(received)) return { status: 401 };
      const { schemas, Operations } = jsonBody(received, ['schemas', 'Operations'], 'application/scim+json') as { schemas: string[]; Operations: Record<string, string>[] };
      must(schemas.join() === 'urn:ietf:params:scim:api:messages:2.0:PatchOp' && Operations.length === 1, 400, 'no patch');
      const { op, path, value } = Operations[0]!;
      must(op === 'REPLACE' && path === 'status' && (value === 'ACTIVE' || value === 'INACTIVE'), 400, 'no such operation');
      if (!status.has(`${collection}/${id}`)) return { status: 404 };
      status.set(`${collection}/${id}`, value);
      return { status: 200, body: { id } };
    },
  }));
  return Object.assign(fake, { status });
}
