import { SignJWT } from 'jose';
import { createHash, generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { LogFile, sha256, type Claims } from './access-log.ts';
import type { Estate, Workload } from './estate.ts';
import { LoopbackServer } from './loopback-server.ts';
import { MemoryAdapter } from './memory-adapter.ts';

export const issuer = 'https://login.shop.example';
const scope = 'shop:read';
const tokenSeconds = 900;
const introspector = 'partner-gateway';

/** What the provider tells of a token. */
interface IssuedToken { readonly kind: string; readonly format?: string; readonly clientId?: string; readonly jti: string; readonly exp?: number }

/**
 * A real authorization server on loopback: JWTs for one gateway, opaque tokens for the other, introspection, revocation, and
 * its audit log. It keeps everything in memory, as oidc-provider does by default.
 */
export class AuthorizationServer extends LoopbackServer {
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  readonly #provider: Provider;
  readonly #answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly #log: LogFile;
  readonly #secrets = new Map<string, string>();
  /** Ids of the live opaque tokens of each client, so that all of a client's can be taken back at once. */
  readonly #live = new Map<string, Set<string>>();
  readonly #passwords = new Map<string, string>();

  constructor(estate: Estate, auditFile: string) {
    super();
    this.#log = new LogFile(auditFile);
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    [this.key, this.publicKey] = [privateKey, publicKey];
    const workloads = [...estate.own, ...estate.sharing];
    for (const name of [introspector, ...workloads.map(({ clientId }) => clientId)]) this.#secrets.set(name, randomBytes(24).toString('base64url'));
    for (const person of estate.people) this.setPassword(person);
    this.#provider = makeProvider(this.#secrets, privateKey);
    this.#listen();
    this.#answer = this.#provider.callback();
  }

  /** What a workload does when it needs a token: asks with its own secret. */
  async fetchToken({ clientId, address, agent, gateway }: Workload, kind: 'jwt' | 'opaque' = gateway === 'edge' ? 'jwt' : 'opaque'): Promise<string> {
    const answer = await this.#post('/token', clientId, { grant_type: 'client_credentials', scope, resource: `urn:shop:${kind}` }, address, agent);
    const { access_token: token } = await answer.json() as { access_token?: string };
    if (token === undefined) throw new Error(`the authorization server gave ${clientId} no token (${answer.status})`);
    return token;
  }

  /** What a gateway does with an opaque token: asks whether it is good, and whose it is. `null` when it is not. */
  async introspect(token: string): Promise<Claims | null> {
    const answer = await this.#post('/token/introspection', introspector, { token }, '10.9.0.2', 'partner-gateway/2');
    const found = await answer.json() as { active: boolean; client_id?: string; iat?: number; exp?: number };
    if (!found.active || found.client_id === undefined) return null;
    return { iss: issuer, sub: found.client_id, client_id: found.client_id, jti: '-', iat: found.iat ?? 0, exp: found.exp ?? 0, scope };
  }

  /** A token as this server minted them `months` ago, when they still lived for years. */
  async oldToken(clientId: string, months: number): Promise<{ token: string; claims: Claims }> {
    const iat = Math.floor(Date.now() / 1000) - Math.round(months * 30.44 * 86_400);
    const claims: Claims = { iss: issuer, sub: clientId, client_id: clientId, jti: randomUUID(), iat, exp: iat + 10 * 365 * 86_400, scope };
    const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'at+jwt' }).sign(this.key);
    return { token, claims };
  }

  /** Takes back every opaque token of a client. Answers how many there were. */
  async revokeClient(clientId: string): Promise<number> {
    const ids = [...this.#live.get(clientId) ?? []];
    for (const id of ids) await (await this.#provider.ClientCredentials.find(id))?.destroy();
    return ids.length;
  }

  /** Live opaque tokens of a client, as the server itself would answer for each. */
  async liveTokens(clientId: string): Promise<number> {
    const found = await Promise.all([...this.#live.get(clientId) ?? []].map((id) => this.#provider.ClientCredentials.find(id)));
    return found.filter((token) => token !== undefined && !token.isExpired).length;
  }

  /** A person gets a new password: the old one opens nothing any more. */
  setPassword(person: string): void {
    const isNew = !this.#passwords.has(person);
    this.#passwords.set(person, createHash('sha256').update(randomBytes(16)).digest('hex'));
    if (!isNew) this.#write({ type: 'registration_update.success', caller: 'helpdesk', account: person, detail: 'password' });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#log.close();
  }

  protected override serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#answer(request, response);
  }

  #post(path: string, clientId: string, form: Record<string, string>, address: string, agent: string): Promise<Response> {
    const credentials = Buffer.from(`${clientId}:${this.#secrets.get(clientId)}`).toString('base64');
    return fetch(this.url + path, {
      method: 'POST', body: new URLSearchParams(form),
      headers: { authorization: `Basic ${credentials}`, 'user-agent': agent, 'x-forwarded-for': address, 'x-forwarded-proto': 'https' },
    });
  }

  #listen(): void {
    const provider = this.#provider;
    provider.proxy = true;
    for (const step of ['saved', 'issued', 'destroyed'] as const) {
      provider.on(`client_credentials.${step}` as 'client_credentials.saved', (token: unknown) => this.#told(step, token as IssuedToken));
    }
    provider.on('grant.error', (ctx, error) => this.#write({ type: 'grant.error', caller: ctx.oidc.client?.clientId, error: error.error }));
  }

  #told(step: string, token: IssuedToken): void {
    const isJwt = token.format === 'jwt';
    const client = token.clientId ?? '';
    const live = this.#live.get(client) ?? new Set();
    if (!isJwt) this.#live.set(client, step === 'destroyed' ? (live.delete(token.jti), live) : live.add(token.jti));
    this.#write(issuedLine(step, client, isJwt, token.jti, token.exp ?? Math.floor(Date.now() / 1000) + tokenSeconds));
  }

  #write(line: object): void {
    const { ip, headers } = Provider.ctx ?? {};
    this.#log.line(JSON.stringify({ time: new Date().toISOString(), iss: issuer, ip, route: 'token', ua: headers?.['user-agent'], ...line }));
  }
}

/** What the audit log says of a token that came or went: of an opaque one only the digest, since its id is the secret. */
export function issuedLine(step: string, clientId: string, isJwt: boolean, jti: string, exp: number): object {
  return {
    type: `client_credentials.${step}`, caller: clientId, kind: 'ClientCredentials', format: isJwt ? 'jwt' : 'opaque', client_id: clientId, scope,
    ...(isJwt ? { jti } : { token_sha256: sha256(jti) }), exp,
  };
}

function makeProvider(secrets: ReadonlyMap<string, string>, key: KeyObject): Provider {
  return new Provider(issuer, {
    adapter: MemoryAdapter,
    clients: [...secrets].map(([id, secret]) => ({
      client_id: id, client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    })),
    jwks: { keys: [{ ...key.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' } as never] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: [scope],
    ttl: { ClientCredentials: tokenSeconds },
    features: {
      devInteractions: { enabled: false }, clientCredentials: { enabled: true }, revocation: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === introspector },
      resourceIndicators: {
        enabled: true, defaultResource: () => 'urn:shop:jwt', useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope, audience: 'shop', accessTokenTTL: tokenSeconds, accessTokenFormat: resource === 'urn:shop:jwt' ? 'jwt' : 'opaque',
        }),
      },
    },
  });
}
