import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, Provider } from 'oidc-provider';

/** Clients of the server. `gateway` may introspect every token, the others only their own; its own tokens nobody else can revoke. */
export type ClientId = 'billing-export' | 'reporting' | 'gateway' | 'form-client';
export type TokenFormat = 'opaque' | 'jwt';

/** An authorization server on this machine: client credentials, introspection, revocation. */
export interface OidcServer {
  readonly issuer: string;
  readonly secrets: Readonly<Record<ClientId, string>>;
  /** Its audit log, one JSON object a line, in the form that `oidc.provider.audit` reads. Tokens are named by jti or digest. */
  readonly audit: string[];
  issue(client: ClientId, format?: TokenFormat): Promise<string>;
  /** What the gateway hears of a token. */
  isActive(token: string): Promise<boolean>;
  stop(): Promise<void>;
}

const scope = 'orders:read';
const resources: Readonly<Record<TokenFormat, string>> = { opaque: 'urn:orders:opaque', jwt: 'urn:orders:jwt' };

interface Told { readonly kind: string; readonly format?: string; readonly clientId?: string; readonly jti: string; readonly exp?: number }

/** Starts oidc-provider on a free port of loopback. */
export async function startOidc(): Promise<OidcServer> {
  const ids: readonly ClientId[] = ['billing-export', 'reporting', 'gateway', 'form-client'];
  const secrets = Object.fromEntries(ids.map((id) => [id, `${id}:+ %${randomBytes(12).toString('base64')}`])) as Record<ClientId, string>;
  const audit: string[] = [];
  let handle: RequestListener = (_, response) => { response.writeHead(503).end(); };
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = makeProvider(issuer, secrets);
  listen(provider, issuer, audit);
  const callback = provider.callback();
  handle = (request, response) => void callback(request, response);
  const post = (path: string, client: ClientId, form: Record<string, string>): Promise<Response> => fetch(issuer + path, {
    method: 'POST', headers: { authorization: basic(client, secrets[client]) }, body: new URLSearchParams(form),
  });
  return {
    issuer, secrets, audit,
    issue: async (client, format = 'opaque') => {
      const answer = await post('/token', client, { grant_type: 'client_credentials', scope, resource: resources[format] });
      return (await answer.json() as { access_token: string }).access_token;
    },
    isActive: async (token) => (await (await post('/token/introspection', 'gateway', { token })).json() as { active: boolean }).active,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

function makeProvider(issuer: string, secrets: Readonly<Record<ClientId, string>>): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new Provider(issuer, {
    clients: Object.entries(secrets).map(([id, secret]) => ({
      client_id: id, client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      token_endpoint_auth_method: id === 'form-client' ? 'client_secret_post' : 'client_secret_basic',
    })),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' } as never] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: [scope],
    features: {
      devInteractions: { enabled: false }, clientCredentials: { enabled: true }, revocation: { enabled: true, allowedPolicy: (_, client, token) => mayRevoke(client.clientId, token.clientId) },
      introspection: { enabled: true, allowedPolicy: (_, client, token) => client.clientId === 'gateway' || token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true, defaultResource: () => resources.opaque, useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope, audience: 'orders', accessTokenTTL: 300, accessTokenFormat: resource === resources.jwt ? 'jwt' : 'opaque',
        }),
      },
    },
  });
}

/** As the package does by itself; the gateway's own tokens it keeps without a word, as some servers do. */
function mayRevoke(asking: string, owner: string | undefined): boolean {
  if (asking !== owner && owner !== 'gateway') throw new errors.InvalidRequest('client is not authorized to revoke the presented token');
  return asking === owner;
}

function listen(provider: Provider, iss: string, audit: string[]): void {
  const write = (line: object): void => {
    const { ip, headers, oidc } = Provider.ctx ?? {};
    audit.push(JSON.stringify({ time: new Date().toISOString(), iss, ip, route: oidc?.route, ua: headers?.['user-agent'], caller: oidc?.client?.clientId, ...line }));
  };
  for (const step of ['saved', 'issued', 'destroyed'] as const) {
    provider.on(`client_credentials.${step}` as 'client_credentials.saved', (token: unknown) => {
      const { kind, format, clientId, jti, exp } = token as Told;
      // The id of an opaque token is the token.
      const name = format === 'jwt' ? { jti } : { token_sha256: createHash('sha256').update(jti).digest('hex') };
      write({ type: `client_credentials.${step}`, kind, format: format ?? 'opaque', client_id: clientId, scope, exp, ...name });
    });
  }
  for (const route of ['grant', 'introspection', 'revocation'] as const) {
    provider.on(`${route}.error` as 'grant.error', (_, error) => write({ type: `${route}.error`, error: error.error }));
  }
}
