/** What the leak feeds have in common: a secret that was found where it does not belong. */
import type { TokenEvent, TokenKind } from '../../../model/event.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import { instant, text } from '../../values.ts';
import { auditEvent } from '../audit.ts';
import type { NormalizeContext, SecretView, Value } from '../format.ts';

/** Names under which scanners know the products whose tokens other logs name: what is found there is one token here. */
const issuers: readonly (readonly [RegExp, string])[] = [
  [/^(?:aws|amazon)/, 'aws'], [/^github/, 'github'], [/^gitlab/, 'gitlab'], [/^(?:gcp|google)/, 'gcp'], [/^(?:oci|oracle)/, 'oci'],
  [/^(?:vault|hashicorp|openbao)/, 'vault'], [/^snowflake/, 'snowflake'], [/^databricks/, 'databricks'], [/^(?:azure_?devops)/, 'azuredevops'],
  [/^(?:k8s|kubernetes)/, 'kubernetes'],
];

/** The authority that minted what a detector of this name finds; where no other log is known, the source's only configured one, else the name. */
function issuerOf(detector: string, context: NormalizeContext): string {
  const name = detector.toLowerCase().replaceAll(/[\s-]+/g, '_');
  return issuers.find(([pattern]) => pattern.test(name))?.[1] ?? configuredIssuer(context.source) ?? name;
}

/** An access key id is public: AWS names the key by it, and so does CloudTrail. */
const accessKeyId = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/;

/** The public id in a text that a scanner shows shortened or in full, if there is one. */
export function publicId(shown: Value | undefined): string | null {
  const found = text(shown);
  return found === null || found.length > 512 ? null : accessKeyId.exec(found)?.[0] ?? null;
}

/**
 * Names the leaked token every way in which another log may know it: the public id or `jti`, the SHA-256 (GitHub's log, gateways that
 * hash), and the secret as it stands (raw logs of Vault). The secret itself goes no further than this function.
 */
export function describeLeaked(
  event: TokenEvent, detector: string, secrets: readonly (SecretView | null)[], publicName: string | null, context: NormalizeContext,
): void {
  const names: string[] = [];
  const issuer = nameJwt(event, secrets, names, context) ?? issuerOf(detector, context);
  event.tokenIssuer = issuer;
  if (publicName !== null) {
    event.tokenHandle = publicName;
    names.unshift(tokenId(context, issuer, 'plain', publicName));
  }
  for (const secret of secrets) {
    if (secret === null) continue;
    // The first name counts even where nobody vouches for the feed: that of the log most likely to know the token.
    if (issuer === 'vault' || issuer === 'aws') names.push(secret.fingerprint(issuer), secret.sha256Fingerprint(issuer));
    else names.push(secret.sha256Fingerprint(issuer), secret.fingerprint(issuer));
  }
  event.tokenKind = event.tokenKind === 'none' ? kindOf(issuer, publicName) : event.tokenKind;
  const [token, ...aliases] = [...new Set(names)];
  event.token = token ?? null;
  event.aliases = aliases.length === 0 ? null : aliases;
}

function kindOf(issuer: string, publicName: string | null): TokenKind {
  if (issuer === 'aws') return publicName?.startsWith('ASIA') === true ? 'temporary_key' : 'access_key';
  if (issuer === 'gcp') return 'service_account_key';
  return issuer === 'vault' ? 'vault' : 'opaque';
}

/** A JWT names its issuer and its id itself. */
function nameJwt(event: TokenEvent, secrets: readonly (SecretView | null)[], names: string[], context: NormalizeContext): string | null {
  for (const secret of secrets) {
    const claims = secret?.claims ?? null;
    const issuer = claims === null ? null : text(claims['iss'] as Value);
    if (claims === null || issuer === null) continue;
    const jti = text(claims['jti'] as Value);
    event.tokenKind = 'jwt';
    event.tokenHandle = jti;
    event.issuedAtMs = instant(claims['iat'] as Value);
    event.expiresAtMs = instant(claims['exp'] as Value);
    if (jti !== null) names.push(tokenId(context, issuer, 'plain', jti));
    return issuer;
  }
  return null;
}

/**
 * An event of a leak. Nobody presented the token, so there is no caller. `authenticated` is the feed's: true where the operator takes
 * it only over a checked delivery (`refuses_anonymous`), else absent, and then the leak counts only if the token is known.
 */
export function leakEvent(dataset: string, product: string, timeMs: number, context: NormalizeContext): TokenEvent {
  const event = auditEvent(dataset, product, timeMs, 'iam', context);
  event.category = ['threat'];
  event.type = ['indicator'];
  event.outcome = 'unknown';
  event.lifecycle = 'leaked';
  event.authenticated = context.source.refusesAnonymous ? true : null;
  return event;
}
