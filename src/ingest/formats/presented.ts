/** The token itself, where a gateway logs the header that carried it. It is read as a secret: what comes out are fingerprints and public claims. */
import type { TokenEvent } from '../../model/event.ts';
import { configuredIssuer } from '../token-id.ts';
import { text, useOf } from '../values.ts';
import type { Json } from '../paths.ts';
import { describeClaims, type LoggedClaims } from './access.ts';
import type { NormalizeContext, SecretView, Value } from './format.ts';

/** Adds the token by the claims that the log names, else by those inside the token, else by its digest alone. */
export function describePresented(event: TokenEvent, logged: LoggedClaims, secret: SecretView | null, context: NormalizeContext): void {
  const inside = secret === null || text(logged.jti) !== null || text(logged.sub) !== null ? null : secret.claims;
  const claims = inside === null ? logged : claimsOf(inside);
  describeClaims(event, claims, context);
  const issuer = event.tokenIssuer ?? text(claims.iss) ?? configuredIssuer(context.source);
  if (secret === null || issuer === null) return;
  const digest = secret.sha256Fingerprint(issuer);
  if (event.token === null) {
    event.token = digest;
    event.tokenIssuer = issuer;
    if (event.tokenKind === 'none') event.tokenKind = inside === null ? 'opaque' : 'jwt';
    event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
  } else if (event.authenticated !== false && event.aliases === null && event.token !== digest) {
    event.aliases = [digest];
  }
}

/** Entra's `sub` differs from application to application, and its tokens have no `jti`: its logs name `oid` and `uti`. */
const entra = /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.com)\//;

function claimsOf(inside: Readonly<Record<string, unknown>>): LoggedClaims {
  const scalar = (name: string): Value => {
    const value = inside[name];
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  };
  const list = (name: string): Json => {
    const value = inside[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : scalar(name);
  };
  const iss = scalar('iss');
  const isEntra = typeof iss === 'string' && entra.test(iss);
  return {
    iss, sub: (isEntra ? scalar('oid') : null) ?? scalar('sub'), client_id: scalar('azp') ?? scalar('appid') ?? scalar('client_id'),
    jti: (isEntra ? scalar('uti') : null) ?? scalar('jti'), iat: scalar('iat'), exp: scalar('exp'), scope: list('scope') ?? list('scp'), aud: list('aud'),
    roles: list('roles'),
  };
}
