/** Stores of secrets, and credentials of which two live side by side: strict fakes, as the documentation describes the calls. */
import { randomBytes, randomUUID } from 'node:crypto';
import { jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from './fake.ts';

type Handler = (received: Received, parts: readonly string[]) => Reply;

/** What holds one secret with all its versions. */
export interface FakeStore extends Fake {
  /** Values as they were written, the newest last. */
  readonly versions: { readonly value: string; readonly mark?: string | undefined }[];
  /** Somebody writes at the same time. */
  meanwhile: string | null;
}

const tenant = 't';

function azure(origin: () => string, secret: string, scope: string) {
  let endpoint: TokenEndpoint | null = null;
  const known = (): TokenEndpoint => endpoint ??= new TokenEndpoint({ id: 'ours', secret, method: 'post', scope: scope.replace('{origin}', origin()) });
  const allowed = (handle: Handler): Handler => (received, parts) => (known().isKnown(received) ? handle(received, parts) : { status: 401, body: {} });
  return { allowed, token: { [`POST /${tenant}/oauth2/v2.0/token`]: (received: Received) => known().issue(received) } };
}

/** Azure Key Vault 7.4. Each version has an id of 32 characters. */
export async function startKeyVault(secret: string, value: string): Promise<FakeStore> {
  const versions: { value: string; mark?: string | undefined; id: string }[] = [{ value, id: '0'.repeat(32) }];
  const { allowed, token } = azure(() => fake.url, secret, 'https://vault.azure.net/.default');
  const shown = (one: typeof versions[number] | undefined): Reply => (one === undefined ? { status: 404, body: { error: { code: 'SecretNotFound' } } } : {
    status: 200, body: { value: one.value, id: `${fake.url}/secrets/export/${one.id}`, attributes: { enabled: true }, ...(one.mark === undefined ? {} : { tags: { tokenward: one.mark } }) },
  });
  const fake: Fake = await startFake(routes({
    ...token,
    'GET /secrets/export?api-version=7.4': allowed((received) => { noBody(received); return shown(versions.at(-1)); }),
    'GET /secrets/export/{}?api-version=7.4': allowed((_, [id]) => shown(versions.find((one) => one.id === id))),
    'PUT /secrets/export?api-version=7.4': allowed((received) => {
      const { value: next, tags } = jsonBody(received, ['value', 'tags']) as { value: string; tags: { tokenward: string } };
      must(typeof next === 'string' && next.length <= 25_600, 400, 'BadParameter');
      versions.push({ value: next, mark: tags.tokenward, id: randomUUID().replaceAll('-', '') });
      return shown(versions.at(-1));
    }),
  }));
  return Object.assign(fake, { versions, meanwhile: null });
}

/** KV version 2 at `secret/app/export`. */
export async function startVaultKv(token: string, members: object): Promise<FakeStore> {
  const state = { versions: [{ value: JSON.stringify(members) }], meanwhile: null as string | null };
  const allowed = (handle: Handler): Handler => (received, parts) => (received.headers['x-vault-token'] === token ? handle(received, parts)
    : { status: 403, body: { errors: ['permission denied'] } });
  const fake = await startFake(routes({
    'GET /v1/secret/data/app/export?*': allowed((received) => {
      noBody(received);
      const wanted = received.query === '' ? state.versions.length : Number(/^version=(\d+)$/.exec(received.query)?.[1]);
      const found = state.versions[wanted - 1];
      return found === undefined ? { status: 404, body: { errors: [] } } : { status: 200, body: { data: { data: JSON.parse(found.value), metadata: { version: wanted, destroyed: false } } } };
    }),
    'POST /v1/secret/data/app/export': allowed((received) => {
      const { options, data } = jsonBody(received, ['options', 'data']) as { options: { cas: number }; data: object };
      if (state.meanwhile !== null) state.versions.push({ value: state.meanwhile });
      state.meanwhile = null;
      if (options.cas !== state.versions.length) return { status: 400, body: { errors: ['check-and-set parameter did not match the current version'] } };
      state.versions.push({ value: JSON.stringify(data) });
      return { status: 200, body: { data: { version: state.versions.length } } };
    }),
  }));
  return Object.assign(state, fake);
}

export interface FakeSecret extends Fake {
  /** Decoded. */
  readonly data: Map<string, string>;
  readonly annotations: Map<string, string>;
  resourceVersion: number;
}

/** One Secret, `jobs/export`, at an API server: merge patches with its `resourceVersion`. */
export async function startSecret(token: string, data: Readonly<Record<string, string>>): Promise<FakeSecret> {
  const state = { data: new Map(Object.entries(data)), annotations: new Map([['team', 'jobs']]), resourceVersion: 7 };
  const allowed = (handle: Handler): Handler => (received, parts) => (received.headers['authorization'] === `Bearer ${token}` ? handle(received, parts) : { status: 401, body: {} });
  const shown = (): Reply => ({
    status: 200, body: {
      kind: 'Secret', metadata: { resourceVersion: String(state.resourceVersion), annotations: Object.fromEntries(state.annotations) },
      data: Object.fromEntries([...state.data].map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
    },
  });
  const merge = (into: Map<string, string>, changes: Readonly<Record<string, string | null>>, decode: (text: string) => string): void => {
    for (const [key, value] of Object.entries(changes)) {
      must(/^[\w./-]+$/.test(key), 422, `key ${key}`);
      if (value === null) into.delete(key);
      else into.set(key, decode(value));
    }
  };
  const fake = await startFake(routes({
    'GET /api/v1/namespaces/jobs/secrets/export': allowed((received) => { noBody(received); return shown(); }),
    'PATCH /api/v1/namespaces/jobs/secrets/export': allowed((received) => {
      const { metadata, data: changes } = jsonBody(received, ['metadata', 'data'], 'application/merge-patch+json') as {
        metadata: { resourceVersion: string; annotations: Record<string, string | null> }; data: Record<string, string | null>;
      };
      if (metadata.resourceVersion !== String(state.resourceVersion)) return { status: 409, body: { kind: 'Status', reason: 'Conflict' } };
      merge(state.annotations, metadata.annotations, (text) => text);
      merge(state.data, changes, (text) => Buffer.from(text, 'base64').toString());
      state.resourceVersion++;
      return shown();
    }),
  }));
  return Object.assign(state, fake);
}

/** What can have two, with the secrets that were handed out. */
export interface FakeOwner extends Fake {
  readonly credentials: Map<string, { status: 'ACTIVE' | 'INACTIVE'; readonly label?: string; readonly createdMs: number }>;
  readonly handedOut: string[];
}

/** Secrets of the application `app-1` at Microsoft Graph v1.0. */
export async function startPasswords(secret: string, first: string): Promise<FakeOwner> {
  const credentials: FakeOwner['credentials'] = new Map([[first, { status: 'ACTIVE' as const, createdMs: 0 }]]);
  const handedOut: string[] = [];
  const { allowed, token } = azure(() => fake.url, secret, '{origin}/.default');
  const fake: Fake = await startFake(routes({
    ...token,
    'GET /v1.0/applications/app-1?$select=passwordCredentials': allowed((received) => {
      noBody(received);
      const passwordCredentials = [...credentials].map(([keyId, { label }]) => ({ keyId, displayName: label ?? null, secretText: null }));
      return { status: 200, body: { passwordCredentials } };
    }),
    'POST /v1.0/applications/app-1/addPassword': allowed((received) => {
      const { displayName } = jsonBody(received, ['passwordCredential'])['passwordCredential'] as { displayName: string };
      const [keyId, secretText] = [randomUUID(), `graph-canary-${randomBytes(12).toString('base64url')}`];
      credentials.set(keyId, { status: 'ACTIVE', label: displayName, createdMs: Date.now() });
      handedOut.push(secretText);
      return { status: 200, body: { keyId, secretText, displayName } };
    }),
    'POST /v1.0/applications/app-1/removePassword': allowed((received) => (credentials.delete(jsonBody(received, ['keyId'])['keyId'] as string)
      ? { status: 204 }
      : { status: 400, body: { error: { code: 'Request_BadRequest' } } })),
  }));
  return Object.assign(fake, { credentials, handedOut });
}

/** Secrets of the app `0oa1` at Okta: two at most, an active one cannot be deleted, nor the only one be made inactive. */
export async function startOktaSecrets(apiToken: string, first: string): Promise<FakeOwner> {
  const credentials: FakeOwner['credentials'] = new Map([[first, { status: 'ACTIVE' as const, createdMs: 0 }]]);
  const handedOut: string[] = [];
  const missing: Reply = { status: 404, body: { errorCode: 'E0000007' } };
  const refused: Reply = { status: 400, body: { errorCode: 'E0000001' } };
  const asAdmin = (handle: Handler): Handler => (received, parts) => (received.headers['authorization'] === `SSWS ${apiToken}` ? handle(received, parts)
    : { status: 401, body: { errorCode: 'E0000011' } });
  const shown = (id: string): object => ({ id, status: credentials.get(id)!.status, created: new Date(credentials.get(id)!.createdMs).toISOString() });
  const fake = await startFake(routes({
    'GET /api/v1/apps/0oa1/credentials/secrets': asAdmin(() => ({ status: 200, body: [...credentials.keys()].map(shown) })),
    'POST /api/v1/apps/0oa1/credentials/secrets': asAdmin((received) => {
      jsonBody(received, []);
      if (credentials.size >= 2) return refused;
      const [id, secret] = [`ocs${randomBytes(8).toString('hex')}`, `okta-canary-${randomBytes(12).toString('base64url')}`];
      credentials.set(id, { status: 'ACTIVE', createdMs: Date.now() });
      handedOut.push(secret);
      return { status: 201, body: { ...shown(id), client_secret: secret } };
    }),
    'GET /api/v1/apps/0oa1/credentials/secrets/{}': asAdmin((_, [id]) => (credentials.has(id!) ? { status: 200, body: shown(id!) } : missing)),
    'POST /api/v1/apps/0oa1/credentials/secrets/{}/lifecycle/deactivate': asAdmin((received, [id]) => {
      noBody(received);
      if (!credentials.has(id!)) return missing;
      if ([...credentials].every(([other, { status }]) => other === id || status === 'INACTIVE')) return refused;
      credentials.get(id!)!.status = 'INACTIVE';
      return { status: 200, body: shown(id!) };
    }),
    'DELETE /api/v1/apps/0oa1/credentials/secrets/{}': asAdmin((_, [id]) => {
      if (!credentials.has(id!)) return missing;
      if (credentials.get(id!)!.status === 'ACTIVE') return refused;
      credentials.delete(id!);
      return { status: 204 };
    }),
  }));
  return Object.assign(fake, { credentials, handedOut });
}

export interface FakeClient extends Fake {
  /** Value and since when, in seconds. */
  now: readonly [string, number];
  rotated: string | null;
  hasPolicy: boolean;
}

/** The client `export` of the realm `prod` at Keycloak 26.7 with the preview of secret rotation, as that answered. */
export async function startRotatingKeycloak(secret: string): Promise<FakeClient> {
  const state = { now: ['old-secret', 1_700_000_000] as readonly [string, number], rotated: null as string | null, hasPolicy: true };
  const tokens = new TokenEndpoint({ id: 'ours', secret, method: 'basic', scope: null });
  const allowed = (handle: Handler): Handler => (received, parts) => (tokens.isKnown(received) ? handle(received, parts) : { status: 401, body: {} });
  const client = '/admin/realms/prod/clients/uuid-1';
  const set = (value: string): void => {
    state.rotated = state.hasPolicy ? state.now[0] : null;
    state.now = [value, Math.max(state.now[1] + 1, Math.floor(Date.now() / 1000))];
  };
  const shown = (): object => ({
    id: 'uuid-1', clientId: 'export', secret: state.now[0], enabled: true, attributes: {
      'client.secret.creation.time': String(state.now[1]), ...(state.hasPolicy ? { 'client.secret.expiration.time': '1999999999' } : {}),
      ...(state.rotated === null ? {} : { 'client.secret.rotated': state.rotated }),
    },
  });
  const fake = await startFake(routes({
    'POST /realms/prod/protocol/openid-connect/token': (received) => tokens.issue(received),
    'GET /admin/realms/prod/clients?clientId=export': allowed(() => ({ status: 200, body: [shown()] })),
    [`GET ${client}`]: allowed(() => ({ status: 200, body: shown() })),
    [`PUT ${client}`]: allowed((received) => {
      const { secret: next } = jsonBody(received, ['id', 'clientId', 'secret', 'enabled', 'attributes']);
      set(String(next));
      return { status: 204 };
    }),
    [`POST ${client}/client-secret`]: allowed((received) => {
      noBody(received);
      set(`keycloak-canary-${randomBytes(12).toString('base64url')}`);
      return { status: 200, body: { type: 'secret', value: state.now[0] } };
    }),
    [`GET ${client}/client-secret/rotated`]: allowed(() => (state.rotated === null
      ? { status: 404, body: { error: 'Client does not have a rotated secret' } } : { status: 200, body: { type: 'secret', value: state.rotated } })),
    [`DELETE ${client}/client-secret/rotated`]: allowed(() => { state.rotated = null; return { status: 204 }; }),
  }));
  return Object.assign(state, fake);
}
