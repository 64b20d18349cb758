import type { TokenEvent, TokenKind } from '../model/event.ts';
import type { PlaceBefore } from '../model/fate.ts';
import type { Dependent } from '../model/intent.ts';
import { clientFamily } from '../model/client-family.ts';
import { describeUses, type SeenUse } from './describe-uses.ts';
import type { Identities } from './identities.ts';
import { Kin } from './kin.ts';
import { KnownCallers } from './known-callers.ts';
import { isUse } from './note-use.ts';
import { provisionalId, type Registry } from './registry.ts';
import { toSeconds, type CorrelateState } from './state.ts';
import { tokenFlags } from './tokens.ts';
import { TokenNotes } from './token-notes.ts';
import { hashOf, UseLists, type UseName } from './use-lists.ts';
import { noteWeek, traitsOf } from './use-traits.ts';

/** A token that may live longer, or has, has a list of its own; those that live shorter share the one of their identity. */
const longLivedMs = 24 * 3_600_000;
const mostCalls = 0xffff_ffff;
/** Used from so many networks, one more says nothing. */
const roamingNetworks = 8;

type UseState = Pick<CorrelateState, 'uses' | 'useTexts' | 'callers' | 'sightings' | 'growth' | 'kin'>;

/** Credentials that somebody made to last. */
const lasting: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);

/** Uses met lately, in groups that one look at the memory brings; a power of two. */
const cacheGroups = 16_384;
const groupWords = 16;
/** Of one place in the cache: two hashes, row, and the generation times four with what is known of the use. */
const words = 4;
/** `noted`: long-lived, and known to its identity as such. */
const [shortLived, longLived, noted] = [1, 2, 3];

/**
 * Who was observed to use each token: a workload where the event tells one, else a client in a network. Only from uses that an
 * authenticator vouched for. A use (user and network) stands on the list of its holder, which is a long-lived token, or the identity
 * of tokens that live for a day at most: so a million of those cost nothing. With the use is kept which of an identity's tokens it
 * presented last, and before that.
 */
export class Dependents {
  /** Who calls from where, for calls whose log names nobody. */
  readonly callers: KnownCallers;
  /** What few tokens have: secrets that stood in logs, scopes that grew. */
  readonly notes: TokenNotes;
  readonly kin: Kin;
  readonly #lists: UseLists;
  readonly #registry: Registry;
  readonly #identities: Identities;
  /** Only spares look-ups. Flat, because what would be compared lies all over the memory. */
  readonly #cache = new Int32Array(cacheGroups * groupWords);

  /** `onDropped` hears of each user that is forgotten for want of room. */
  constructor(state: UseState, registry: Registry, identities: Identities, onDropped: () => void) {
    this.#lists = new UseLists(state.uses, state.useTexts, onDropped);
    this.notes = new TokenNotes(state.sightings, state.growth, registry.tokens);
    this.callers = new KnownCallers(state.callers);
    this.kin = new Kin(state.kin);
    this.#registry = registry;
    this.#identities = identities;
  }

  /** Notes who used the token, once the event is correlated and enriched. What is no verified, successful use is passed over. */
  note(event: TokenEvent): void {
    const { token } = event;
    if (token === null || !isUse(event) || event.vantage === 'flow') return;
    const workload = event.workloadEvidence === 'event' ? event.workloadId : null;
    const cache = this.#cache;
    const hash = hashOf(token);
    const owner = event.identityId;
    const use = useHash(token, owner, event.networkBlock, workload ?? event.userAgent, workload !== null);
    const at = this.#place(hash | 0, use);
    const lists = this.#lists;
    const known = cache[at] === (hash | 0) && cache[at + 1] === use ? (cache[at + 3] as number) - 4 * lists.generation : 0;
    // What is found to be long-lived stays so.
    let isLongLived = known === longLived || known === noted;
    if (!isLongLived && (known !== shortLived || this.#isLongLived(event, token))) {
      isLongLived = this.#isLongLived(event, token);
      const row = lists.row(nameOf(event, workload, isLongLived), toSeconds(event.orderMs));
      if (row < 0) return;
      this.callers.learn(event);
      cache[at] = hash;
      cache[at + 1] = use;
      cache[at + 2] = row;
      cache[at + 3] = 4 * lists.generation + (isLongLived ? longLived : shortLived);
    }
    lists.bind(cache[at + 2] as number);
    if (isLongLived && known !== noted && this.#noteLasting(event, token) && owner !== null) cache[at + 3] = 4 * lists.generation + noted;
    this.#count(event, hash, workload, isLongLived);
  }

  /** Where in the cache a use stands, else where it is to stand. */
  #place(hash: number, use: number): number {
    const cache = this.#cache;
    const group = ((hash ^ use ^ use >>> 15) & cacheGroups - 1) * groupWords;
    for (let at = group; at < group + groupWords; at += words) if (cache[at] === hash && cache[at + 1] === use) return at;
    return group + (use >>> 24 & groupWords / words - 1) * words;
  }

  /** Observed users of a token; those in the networks `suspect` are marked. Empty where the token is not known. */
  of(fingerprint: string, suspect: ReadonlySet<string>): Dependent[] {
    const { names, tokens } = this.#registry;
    tokens.unbind();
    const token = names.resolve(fingerprint);
    if (token === null) return [];
    const { identity } = tokens.record;
    return describeUses(this.usesOf(token, identity === 0 ? [] : this.sharedUses(this.#identities.get(identity).id)), suspect);
  }

  /** Observed users of all tokens of an identity, as `of`; `null` where it has more lasting ones than are known. */
  ofIdentity(identityId: string, suspect: ReadonlySet<string>): Dependent[] | null {
    const lasting = this.kin.lasting(identityId);
    if (lasting === null) return null;
    return describeUses([...this.sharedUses(identityId), ...lasting.flatMap((token) => this.usesOf(token, []))], suspect);
  }

  /** Uses of a token, of which those that it shares with others of its identity are picked out of `shared`. */
  usesOf(token: string, shared: readonly SeenUse[]): SeenUse[] {
    return [...this.ownUses(token), ...this.usesAmong(shared, token)];
  }

  /** Uses on the list that a long-lived token has of its own. */
  ownUses(token: string): SeenUse[] {
    const uses = this.#lists.of(provisionalId(token));
    for (const alias of this.#registry.tokens.texts(token).aliases) uses.push(...this.#lists.of(provisionalId(alias)));
    return uses;
  }

  /** Those of an identity's uses in which this short-lived token was presented. */
  usesAmong(shared: readonly SeenUse[], token: string): readonly SeenUse[] {
    if (shared.length === 0) return shared;
    const hashes = new Set([token, ...this.#registry.tokens.texts(token).aliases].map(hashOf));
    return shared.filter((use) => use.tokens.some((hash) => hashes.has(hash)));
  }

  /** Uses of an identity's short-lived tokens, all together. */
  sharedUses(identityId: string): SeenUse[] {
    return this.#lists.of(identityId);
  }

  /**
   * Was the event's network one from which its token, or its identity with short-lived ones, was used before that time? `unknown` where
   * that cannot be told, or where there are so many networks that one more says nothing.
   */
  placeBefore({ token, identityId, networkBlock }: TokenEvent, beforeMs: number): PlaceBefore {
    if (networkBlock === null) return 'unknown';
    const uses = [...token === null ? [] : this.#lists.of(provisionalId(token)), ...identityId === null ? [] : this.#lists.of(identityId)];
    const networks = new Set(uses.filter(({ firstMs }) => firstMs < beforeMs).map(({ texts }) => texts[2]));
    if (networks.has(networkBlock)) return 'own';
    return networks.size === 0 || networks.size >= roamingNetworks ? 'unknown' : 'other';
  }

  /** Whose a long-lived token is may be learned late: looked at again at each doubling of the bound use. */
  #noteLasting({ identityId }: TokenEvent, token: string): boolean {
    const { calls } = this.#lists.record;
    if (identityId === null || (calls & calls - 1) !== 0) return false;
    this.kin.noteLasting(identityId, token);
    return true;
  }

  /** Expects the event's use to be bound. */
  #count(event: TokenEvent, token: number, workload: string | null, isLongLived: boolean): void {
    const { record } = this.#lists;
    const seconds = toSeconds(event.orderMs);
    noteWeek(record, seconds);
    if (seconds > record.lastSeconds) record.lastSeconds = seconds;
    else if (seconds < record.firstSeconds) record.firstSeconds = seconds;
    record.traits |= traitsOf(event, workload !== null);
    if (!event.partial && record.calls < mostCalls) record.calls++;
    if (!isLongLived && record.token !== token) {
      record.formerToken = record.token;
      record.token = token;
    }
    this.#lists.markDirty();
    if (event.tokenSeenIn !== null) this.notes.seenIn(holderOf(event, isLongLived), event, event.tokenSeenIn);
    if (isLongLived && event.scopes !== null) this.#noteScopes(event, event.scopes);
    const resource = event.resourceId;
    if (resource === null || this.#lists.hasResource(resource)) return;
    this.callers.learn(event);
    this.#lists.addResource(nameOf(event, workload, isLongLived), resource, seconds);
  }

  /** Compared with what the token showed before only where a use shows others than last: what it showed first has to be read. */
  #noteScopes(event: TokenEvent, scopes: readonly string[]): void {
    const { record } = this.#lists;
    const shown = hashOfScopes(scopes);
    if (record.scopes !== shown && this.notes.scopes(holderOf(event, true), event.token as string, scopes, event.orderMs)) record.scopes = shown;
  }

  /** Once it is found so, it stays so. */
  #isLongLived(event: TokenEvent, token: string): boolean {
    const { identityId, tokenKind, issuedAtMs, expiresAtMs, timeMs } = event;
    if (identityId === null || lasting.has(tokenKind)) return true;
    const { tokens } = this.#registry;
    if (!tokens.bind(token)) return false;
    if (tokens.flag(tokenFlags.longLived)) return true;
    const bornMs = issuedAtMs ?? tokens.record.firstSeenSeconds * 1000;
    const isLongLived = timeMs - bornMs >= longLivedMs || expiresAtMs !== null && expiresAtMs - bornMs > longLivedMs;
    if (isLongLived) tokens.setFlag(tokenFlags.longLived);
    return isLongLived;
  }
}

function nameOf({ token, identityId, userAgent, networkBlock }: TokenEvent, workload: string | null, isLongLived: boolean): UseName {
  const holder = holderOf({ token, identityId }, isLongLived);
  return { holder, isWorkload: workload !== null, user: workload ?? clientFamily(userAgent), network: networkBlock };
}

function holderOf({ token, identityId }: Pick<TokenEvent, 'token' | 'identityId'>, isLongLived: boolean): string {
  return isLongLived || identityId === null ? provisionalId(token as string) : identityId;
}

/** Apart from `hashOf` of the token, of which half is enough here: for a use to be taken for another, both would have to collide. */
function useHash(token: string, owner: string | null, network: string | null, user: string | null, isWorkload: boolean): number {
  const hash = mixIn(mixIn(isWorkload ? 1 : 2, token, 2), network, 1);
  const owned = Math.imul(hash ^ (owner === null ? 0 : hashOfName(owner)), 0x5bd1_e995);
  return Math.imul(owned ^ owned >>> 15, 0x5bd1_e995) ^ (user === null ? 0 : hashOfName(user));
}

function mixIn(start: number, text: string | null, step: 1 | 2): number {
  let hash = Math.imul(start ^ 0x100, 0x5bd1_e995);
  if (text === null) return hash;
  for (let i = 0; i < text.length; i += step) hash = Math.imul(hash ^ text.charCodeAt(i), 0x5bd1_e995);
  return hash ^ hash >>> 15;
}

/** Owners and users met lately, a power of two, and their hashes: they are long and few, and comparing is faster than hashing. A pure memo. */
const namePlaces = 4096;
const names: string[] = Array.from({ length: namePlaces }, () => '');
const nameHashes = new Int32Array(namePlaces);
/** Characters that choose the place. */
const sampled = 12;

function hashOfName(name: string): number {
  const step = Math.max(1, Math.floor(name.length / sampled));
  let place = name.length;
  for (let i = name.length - 1; i >= 0; i -= step) place = Math.imul(place ^ name.charCodeAt(i), 0x0100_0193);
  place = (place ^ place >>> 15) & namePlaces - 1;
  if (names[place] === name) return nameHashes[place] as number;
  names[place] = name;
  return nameHashes[place] = mixIn(0, name, 1);
}

/** 16 bits, never 0: one in 65,536 changes of a token's scopes is not looked at. */
function hashOfScopes(scopes: readonly string[]): number {
  let hash = scopes.length;
  for (const scope of scopes) hash = Math.imul(hash ^ hashOf(scope), 0x5bd1_e995);
  return (hash ^ hash >>> 16) & 0xffff || 1;
}
