import type { TokenEvent } from '../model/event.ts';
import type { Identities } from './identities.ts';
import { maxAliases } from './names.ts';
import type { Registry } from './registry.ts';
import { toSeconds } from './state.ts';
import { tokenFlags } from './tokens.ts';

/**
 * Learns a new token from the event that issued it: its ids, its parent (the token that was
 * presented), its lifetime, its identity. The event then names the token by its own id.
 */
export function issue(registry: Registry, identities: Identities, event: TokenEvent, presented: string | null): void {
  const named = event.issued as string;
  const token = takeIds(registry, event, named);
  const { tokens } = registry;
  tokens.bind(token);
  registry.prove();
  const { record } = tokens;
  const again = tokens.flag(tokenFlags.issueSeen);
  if (!again) record.issuedMs = event.timeMs;
  if (event.issuedExpiresAtMs !== null) record.expiresSeconds = toSeconds(event.issuedExpiresAtMs);
  if (event.issuedKind !== null) tokens.learnKind(event.issuedKind);
  tokens.setFlag(tokenFlags.issueSeen);
  tokens.markDirty();
  learnNames(registry, event, token, named, again);
  if (presented !== null && presented !== token) registry.lineage.link(token, presented);
  teachIdentity(registry, identities, event, token);
  event.issued = token;
  if (token !== named && event.issuedAliases?.includes(named) !== true) event.issuedAliases = [...event.issuedAliases ?? [], named];
}

/** Joins the ids that the issuance names, and answers the token's own. */
function takeIds(registry: Registry, event: TokenEvent, named: string): string {
  let token = registry.names.resolve(named);
  if (token !== null && token !== named && issuedApart(registry, token, named)) {
    registry.names.split(named);
    token = null;
  }
  token ??= seenBefore(registry, event, named) ?? registry.create(named, event.timeMs, true);
  registry.unite(token, named);
  const aliases = event.issuedAliases;
  for (let i = 0; aliases !== null && i < aliases.length && i < maxAliases; i++) {
    const alias = aliases[i] as string;
    const other = registry.names.resolve(alias);
    if (other === null || other === token || !issuedApart(registry, other, named)) token = registry.unite(token, alias);
    // An id that outlives tokens, such as a session's: uses that name only it now mean the newest.
    else if (other !== alias) registry.names.alias(alias, token);
  }
  return token;
}

/** The token that the new one was taken for while only another of its ids was known. */
function seenBefore(registry: Registry, event: TokenEvent, named: string): string | null {
  const aliases = event.issuedAliases;
  for (let i = 0; aliases !== null && i < aliases.length && i < maxAliases; i++) {
    const token = registry.names.resolve(aliases[i] as string);
    if (token !== null && !issuedApart(registry, token, named)) return token;
  }
  return null;
}

/** True when the token was seen issued under another id than this one: then they are two. */
function issuedApart(registry: Registry, token: string, named: string): boolean {
  return registry.issueSeen(token) && registry.tokens.texts(token).issuedId !== named;
}

function learnNames(registry: Registry, event: TokenEvent, token: string, named: string, again: boolean): void {
  const { tokens } = registry;
  const texts = tokens.texts(token);
  const handle = event.issuedHandle ?? texts.handle;
  const issuer = texts.issuer ?? event.tokenIssuer;
  const scopes = texts.scopes ?? (event.token === null ? event.scopes : null);
  if (again && handle === texts.handle && issuer === texts.issuer && scopes === texts.scopes) return;
  tokens.setTexts(token, { ...texts, handle, issuer, scopes, issuedId: named });
  if (handle !== null) tokens.setFlag(tokenFlags.hasHandle);
  if (issuer !== null) tokens.setFlag(tokenFlags.hasIssuer);
  if (scopes !== null) tokens.setFlag(tokenFlags.hasScopes);
}

/**
 * Whose the new token is: as the log says, else the caller's where a login or a refresh issued it. A key made
 * for somebody else, or a role's session, is only known by its first use.
 */
function teachIdentity(registry: Registry, identities: Identities, event: TokenEvent, token: string): void {
  registry.tokens.bind(token);
  const isOwn = event.token === null || event.tokenKind === 'refresh';
  const owner = event.issuedIdentityId ?? (isOwn && event.issuedKind !== 'temporary_key' ? event.identityId : null);
  if (owner === null) return;
  const identity = owner === event.issuedIdentityId ? identities.meet(owner, event) : identities.numberOf(owner);
  if (identity !== 0) registry.teach(token, identity, true);
}
