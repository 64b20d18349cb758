import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { jsonOf, objectOf } from '../../outbound/answer.ts';
import type { OutboundRequest, Send } from '../../outbound/client.ts';
import { findUrlFault } from '../../outbound/egress.ts';
import { sameSecret } from '../sessions.ts';
import type { Attempt } from './attempt.ts';

const metadataMs = 10 * 60_000;
const toleranceSeconds = 60;
/** Signatures only: a key that both sides know would let every holder of the client's secret speak for the provider. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

export interface ProviderSettings {
  /** To the letter as the provider names itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: a public client, which PKCE alone protects. */
  readonly clientSecret: (() => string) | null;
  readonly scopes: readonly string[];
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
  readonly send: Send;
  readonly nowMs?: () => number;
}

interface Metadata { readonly authorization: string; readonly token: string; readonly keys: string }
type Claims = Readonly<Record<string, unknown>>;

/** An OpenID provider as OpenID Connect Core 1.0 describes it: authorization code, PKCE, state, nonce. Its tokens are looked at once and not kept. */
export class IdentityProvider {
  readonly #settings: ProviderSettings;
  readonly #nowMs: () => number;
  #metadata: { readonly found: Metadata; readonly untilMs: number } | null = null;

  constructor(settings: ProviderSettings) {
    this.#settings = settings;
    this.#nowMs = settings.nowMs ?? Date.now;
  }

  /** Where to send a browser that wants to log in; `null` where the provider does not answer as one should. `more`: further parameters. */
  async authorizationUrl({ state, nonce, challenge }: Attempt, more: Readonly<Record<string, string>> = {}): Promise<string | null> {
    const metadata = await this.#describe();
    if (metadata === null) return null;
    const { clientId, redirectUri, scopes } = this.#settings;
    const url = new URL(metadata.authorization);
    const asked = {
      response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: scopes.join(' '), state, nonce,
      code_challenge: challenge, code_challenge_method: 'S256', ...more,
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url.href;
  }

  /** The claims of whoever brought the code; `unavailable` where the provider gave no answer, `denied` where it or its answer is not to be believed. */
  async redeem(code: string, attempt: Attempt): Promise<Claims | 'unavailable' | 'denied'> {
    const metadata = await this.#describe();
    if (metadata === null) return 'unavailable';
    const answer = await this.#ask(this.#tokenRequest(metadata.token, code, attempt.verifier));
    if (answer.kind === 'failed' || answer.status >= 500) return 'unavailable';
    const idToken = answer.status === 200 ? objectOf(answer)?.['id_token'] : null;
    if (typeof idToken !== 'string') return 'denied';
    const keys = await this.#ask({ method: 'GET', url: metadata.keys, headers: { accept: 'application/json' }, body: null });
    if (keys.kind === 'failed' || keys.status !== 200) return 'unavailable';
    return await this.#verify(idToken, jsonOf(keys) as JSONWebKeySet, attempt.nonce) ?? 'denied';
  }

  async #verify(idToken: string, keys: JSONWebKeySet, nonce: string): Promise<Claims | null> {
    const { issuer, clientId } = this.#settings;
    try {
      const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), {
        issuer, audience: clientId, algorithms, clockTolerance: toleranceSeconds, requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        currentDate: new Date(this.#nowMs()),
      });
      const authorizedParty = payload['azp'] ?? (Array.isArray(payload.aud) && payload.aud.length > 1 ? null : clientId);
      const isOurs = typeof payload['nonce'] === 'string' && sameSecret(payload['nonce'], nonce) && authorizedParty === clientId;
      return isOurs ? payload : null;
    } catch {
      // Signature, keys, times: whatever is wrong with it, it vouches for nobody.
      return null;
    }
  }

  #tokenRequest(url: string, code: string, verifier: string): OutboundRequest {
    const { clientId, clientSecret, redirectUri } = this.#settings;
    const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier });
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    if (clientSecret === null) form.set('client_id', clientId);
    else headers['authorization'] = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret())}`).toString('base64')}`;
    return { method: 'POST', url, headers, body: form.toString() };
  }

  /** OpenID Connect Discovery 1.0, 4. */
  async #describe(): Promise<Metadata | null> {
    const nowMs = this.#nowMs();
    if (this.#metadata !== null && nowMs < this.#metadata.untilMs) return this.#metadata.found;
    const { issuer } = this.#settings;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await this.#ask({ method: 'GET', url, headers: { accept: 'application/json' }, body: null });
    const told = answer.kind === 'answered' && answer.status === 200 ? objectOf(answer) : null;
    if (told?.['issuer'] !== issuer) return null;
    const [authorization, token, keys] = [told['authorization_endpoint'], told['token_endpoint'], told['jwks_uri']];
    if (!isUrl(authorization) || !isUrl(token) || !isUrl(keys)) return null;
    const found = { authorization, token, keys };
    this.#metadata = { found, untilMs: nowMs + metadataMs };
    return found;
  }

  #ask(request: OutboundRequest): ReturnType<Send> {
    return this.#settings.send(request, new AbortController().signal);
  }
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && findUrlFault(value, { allowPrivate: true }) === null;
}
