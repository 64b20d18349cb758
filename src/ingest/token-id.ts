import type { NormalizeContext, SourceSettings } from './formats/format.ts';

/**
 * What kind of id names a token. `plain` ids (a JWT's `jti`, an access key id) get no prefix, so that the
 * same token has the same fingerprint in the log of its issuer and in the log of a gateway.
 * `sha256` is the hex digest of the token itself, as `SecretView.sha256Fingerprint` makes it.
 */
export type TokenIdKind = 'plain' | 'sha256' | 'session' | 'refresh' | 'accessor';

/** Fingerprint of a token id under its issuer. Ids of different kinds never meet: all but the plain ones carry their kind. */
export function tokenId(context: NormalizeContext, issuer: string, kind: TokenIdKind, id: string): string {
  if (kind === 'plain') return context.fingerprint(issuer, id);
  if (kind === 'sha256') return context.fingerprint(issuer, id.toLowerCase());
  return context.fingerprint(issuer, `${kind}:${id}`);
}

/** The issuer that the operator configured for a source, where it is exactly one. */
export function configuredIssuer(source: SourceSettings): string | null {
  return source.issuers.length === 1 ? source.issuers[0]! : null;
}
