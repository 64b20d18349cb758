import type { Lifecycle, TokenEvent, TokenKind } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { instant, text } from '../../values.ts';
import type { NormalizeContext } from '../format.ts';
import { issue, present } from '../audit.ts';
import type { Fields, Secrets } from './oidc-provider-fields.ts';

/** The token that a record speaks of, by all the names that it gives. */
interface NamedToken {
  /** It came into being. */
  issue(event: TokenEvent): void;
  /** It, or the grant that stands for it, was shown, with this end. Nothing when neither is named. */
  present(event: TokenEvent, lifecycle: Lifecycle): void;
}

/** The caller does not hold the token that the record speaks of. */
export function isAnothers(values: Fields): boolean {
  const caller = text(values.caller);
  const owner = ownerOf(values);
  return caller !== null && owner !== null && caller !== owner;
}

/** The client that a token was made for; of a registration, also the account that it is about. */
export function ownerOf(values: Fields): string | null {
  const client = text(values.client_id) ?? text(values.subject_client);
  return client === null && text(values.type)?.startsWith('registration_') === true ? text(values.account) : client;
}

/**
 * Names of a token: the `jti` of a JWT is public. The id of an opaque token is the token itself, so that its digest is its name, the one a
 * gateway can log as well; an application that cut the digest gives a name of its own.
 */
export function tokenOf(values: Fields, hidden: Secrets, issuer: string, context: NormalizeContext, isIssuedJwt: boolean): NamedToken {
  const isJwt = isIssuedJwt || values.format === 'jwt';
  const jti = isJwt ? text(values.jti) : null;
  const sha256 = text(values.token_sha256);
  const digest = sha256 === null ? isJwt ? null : hidden.jti?.sha256Fingerprint(issuer) ?? null : tokenId(context, issuer, 'sha256', sha256);
  const own = jti === null && digest === null ? hidden.token?.fingerprint(issuer) ?? null : null;
  const token = jti === null ? digest ?? own : tokenId(context, issuer, 'plain', jti);
  const grantId = text(values.grant);
  const grant = grantId === null ? null : tokenId(context, issuer, 'session', grantId);
  const kind = kindOf(values, isJwt);
  const handle = jti ?? sha256;
  const aliases = jti !== null && digest !== null ? [digest] : null;
  return {
    issue(event) {
      if (token !== null && grant !== null) present(event, issuer, grant, grantId, 'session');
      if (token !== null) issue(event, issuer, token, handle, kind, event.identityId);
      else if (grant !== null) issue(event, issuer, grant, grantId, 'session', event.identityId);
      event.issuedAliases = aliases;
      if (token === null && grant !== null) event.lifecycle = 'granted';
    },
    present(event, lifecycle) {
      if (lifecycle === 'revoked' && isAnothers(values)) {
        event.revoked = token ?? grant;
        event.tokenIssuer = issuer;
        event.lifecycle = event.revoked === null ? null : lifecycle;
        return;
      }
      if (token !== null) present(event, issuer, token, handle, kind);
      else if (grant !== null) present(event, issuer, grant, grantId, 'session');
      if (event.token === null) return;
      event.lifecycle = lifecycle;
      if (token === null) return;
      event.aliases = aliases;
      event.parent = grant;
      event.issuedAtMs = instant(values.iat);
      event.expiresAtMs = instant(values.exp);
      event.boundTo = text(values.bound_to);
    },
  };
}

function kindOf({ kind, type }: Fields, isJwt: boolean): TokenKind {
  if (isJwt) return 'jwt';
  return kind === 'RefreshToken' || typeof type === 'string' && type.startsWith('refresh_token.') ? 'refresh' : 'opaque';
}
