import type { SectionOf } from '../../config/respond-schema.ts';
import { durationMs } from '../../config/units.ts';
import type { TokenKind } from '../../model/event.ts';
import { objectOf } from '../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../outbound/client.ts';
import type { Verdict } from '../port.ts';
import { basicHeader, secretIn } from './auth/authorizer.ts';
import type { HttpProvider } from './declaration.ts';
import { formRequest, httpVerdict, livenessOf } from './http.ts';
import { saidRight } from './rights.ts';

/** A client of the authorization server, and how it shows its secret (RFC 6749, 2.3.1). */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
  readonly method: 'client_secret_basic' | 'client_secret_post';
}

export interface OAuthRevocationSettings {
  readonly issuer: string;
  readonly revocationEndpoint: string;
  /** The client that the tokens were issued to: a server revokes for no other. */
  readonly client: OAuthClient;
  /** Who asks whether a token is active; it must be one whom the server tells. `null`: nobody asks. */
  readonly introspection: { readonly endpoint: string; readonly client: OAuthClient } | null;
  /** How long services may go on with an answer of the server that they keep. */
  readonly exposureMs: number;
}

const revocable: ReadonlySet<TokenKind> = new Set(['opaque', 'jwt', 'refresh']);
/** Error codes of RFC 6749 (5.2) and RFC 7009 (2.2.1). The server's other words are not repeated. */
const errors = new Set(['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_token_type']);

/** Ends one token at its authorization server: RFC 7009. A 2xx proves nothing, so it is asked by RFC 7662 afterwards. */
export const oauthRevocation: HttpProvider<SectionOf<'oauth_revocation'>, OAuthRevocationSettings> = {
  type: 'oauth_revocation',
  configure,
  urls: ({ revocationEndpoint, introspection }) => [revocationEndpoint, ...introspection === null ? [] : [introspection.endpoint]],
  needsToken: true,
  kinds: () => ['revoke'],
  facts: ({ exposureMs }) => ({
    effect: 'The authorization server ends the token, and services that ask it refuse it. A JWT that a service checks by itself is good until it expires. '
      + 'Tokens of the same grant may end too.',
    delay: 'At once at the server; services that keep its answers follow when those run out.',
    undo: null,
    rights: 'The credential of the client that the token was issued to; for the proof, one of a client that may introspect it.',
    exposureMs,
  }),
  rights: {
    ask: ({ introspection }) => (introspection === null ? [] : [{
      right: `introspection by the client ${introspection.client.id}`,
      request: () => formPost(introspection.endpoint, 'tokenward-asks-for-none', 'opaque', introspection.client),
      classify: (answer) => saidRight(answer, () => typeof objectOf(answer)?.['active'] === 'boolean'),
    }]),
    unasked: 'revocation',
  },
  fits: ({ tokenKind, issuer }, _kind, settings) => {
    if (!revocable.has(tokenKind)) return 'token_kind_not_supported';
    return issuer === settings.issuer ? null : 'other_issuer';
  },
  request: ({ target }, { revocationEndpoint, client }, { token }) => formPost(revocationEndpoint, token, target.tokenKind, client),
  classify: revocationVerdict,
  verify: {
    isPossible: ({ introspection }) => introspection !== null,
    request: ({ target }, { introspection }, { token }) => formPost(introspection!.endpoint, token, target.tokenKind, introspection!.client),
    classify: livenessOf,
  },
  undo: null,
};

function configure(section: SectionOf<'oauth_revocation'>): OAuthRevocationSettings {
  const { client_auth: method, introspection_endpoint: endpoint } = section;
  const client = { id: section.client_id, secret: secretIn(section.client_secret_file), method };
  return {
    issuer: section.issuer, revocationEndpoint: section.revocation_endpoint, client,
    introspection: endpoint === undefined ? null : { endpoint, client: askingClient(section) ?? client },
    exposureMs: durationMs(section.exposure) as number,
  };
}

/** Who introspects, where it is not the client that revokes. */
function askingClient({ name, client_auth: method, ...section }: SectionOf<'oauth_revocation'>): OAuthClient | null {
  const { introspection_client_id: id, introspection_client_secret_file: file } = section;
  if (id === undefined && file === undefined) return null;
  if (id === undefined || file === undefined) throw new Error(`action ${name} needs the introspecting client's id and its secret's file, or neither`);
  return { id, secret: secretIn(file), method };
}

/** A token, named to a server by a client of its. */
export function formPost(url: string, token: string | null, kind: TokenKind, { id, secret, method }: OAuthClient): OutboundRequest {
  const form = { token: token ?? '', token_type_hint: kind === 'refresh' ? 'refresh_token' : 'access_token' };
  if (method === 'client_secret_post') return formRequest(url, { ...form, client_id: id, client_secret: secret });
  return formRequest(url, form, { authorization: basicHeader(id, secret) });
}

function revocationVerdict(answer: OutboundAnswer): Verdict {
  const verdict = httpVerdict(answer);
  if (verdict.kind !== 'failed') return verdict;
  const error = objectOf(answer)?.['error'];
  return typeof error === 'string' && errors.has(error) ? { kind: 'failed', reason: error } : verdict;
}
