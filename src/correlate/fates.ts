import type { TokenEvent, TokenKind } from '../model/event.ts';
import { noOwnerHistory, type OwnerHistory } from '../model/credential.ts';
import { fates, type Fate, type PlaceBefore } from '../model/fate.ts';
import type { RecordOf } from '../model/state.ts';
import type { Rows } from '../state/port.ts';
import { actedUpon, actIn, type Act } from './acts.ts';
import type { Dependents } from './dependents.ts';
import type { Identities } from './identities.ts';
import type { Inventory } from './inventory.ts';
import type { Registry } from './registry.ts';
import { part, toSeconds, type CorrelateState, type ownerFateLayout, type tokenFateLayout } from './state.ts';
import { tokenFlags } from './tokens.ts';


/** Keys that somebody made to last: a newer one takes the place of an older one. */
const lasting: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);
const { rotated, leaked, exchanged, inService, issueSeen } = tokenFlags;

/**
 * What became of tokens and of those who own them: rotated, leaked, revoked, the owner gone. Learned from verified events only, kept in
 * small records that few have; everybody else costs two flags.
 */
export class Fates {
  readonly #registry: Registry;
  readonly #identities: Identities;
  readonly #inventory: Inventory;
  readonly #dependents: Dependents;
  readonly #tokenRows: Rows;
  readonly #tokenFate: RecordOf<typeof tokenFateLayout.fields>;
  readonly #ownerRows: Rows;
  readonly #ownerFate: RecordOf<typeof ownerFateLayout.fields>;

  constructor(state: CorrelateState, registry: Registry, identities: Identities, inventory: Inventory, dependents: Dependents) {
    this.#registry = registry;
    this.#identities = identities;
    this.#inventory = inventory;
    this.#dependents = dependents;
    this.#tokenRows = state.tokenFates;
    this.#tokenFate = state.tokenFates.cursor<typeof tokenFateLayout.fields>(part);
    this.#ownerRows = state.ownerFates;
    this.#ownerFate = state.ownerFates.cursor<typeof ownerFateLayout.fields>(part);
  }

  /** Learns from an event that was not refused, once its token and identity are known. */
  learn(event: TokenEvent, token: string | null): void {
    const { tokens } = this.#registry;
    if (token !== null && tokens.bind(token)) {
      if (event.lifecycle !== null && event.lifecycle !== 'used') this.#learnOfToken(event, token);
      if ((tokens.record.flags & (issueSeen | inService)) === issueSeen) this.#enterService(event);
    }
    if (event.authenticated !== true) return;
    const act = actIn(event);
    if (act !== null) for (const id of actedUpon(event)) this.#note(this.#identities.numberOf(id), act, event);
    if (event.revoked === null || event.outcome !== 'success') return;
    const stopped = this.#registry.names.resolve(event.revoked);
    if (stopped !== null) this.#note(tokens.record.identity, 'contained', event);
  }

  /** What became of the event's token and its owner: bits of `fates`. */
  of(event: TokenEvent): number {
    const { tokens } = this.#registry;
    let found = this.#inventory.fateOf(event);
    let identity = 0;
    if (event.token !== null && tokens.bind(event.token)) {
      const { flags, revokedSeconds } = tokens.record;
      if (revokedSeconds !== 0) found |= fates.revoked;
      if ((flags & (rotated | exchanged | leaked)) !== 0) {
        found |= ((flags & rotated) === 0 ? 0 : fates.rotated) | ((flags & exchanged) === 0 ? 0 : fates.exchanged)
          | ((flags & leaked) === 0 ? 0 : fates.leaked | this.#claimOf(event.token));
      }
      identity = tokens.record.identity;
    } else if (event.identityId !== null && this.#ownerRows.size > 0) identity = this.#identities.numberOf(event.identityId);
    return identity === 0 || !this.#identities.get(identity).hasFate ? found : found | this.#ofOwner(identity, event);
  }

  /** Since when, in ms, whole seconds; `null` where that is not known. */
  sinceMs(event: TokenEvent, fate: Fate): number | null {
    const { tokens } = this.#registry;
    const isKnown = event.token !== null && tokens.bind(event.token);
    const listed = this.#inventory.fateSinceMs(event, fate);
    if (listed !== null) return listed;
    const seconds = !isKnown && fate !== 'offboarded' && fate !== 'gone' && fate !== 'contained' ? 0 : this.#seconds(event, fate);
    return seconds === 0 ? null : seconds * 1000;
  }

  placeBefore(event: TokenEvent, beforeMs: number): PlaceBefore {
    return this.#dependents.placeBefore(event, beforeMs);
  }

  /** Last verified use of the event's token before it, ms; `null` where there is none. Asked while the event is processed. */
  get formerUseMs(): number | null {
    return this.#registry.tokens.formerUseMs || null;
  }

  /** Is the token, or the identity that the event names, one that somebody vouched for? */
  isKnown(event: TokenEvent): boolean {
    const { tokens } = this.#registry;
    if (event.token !== null && tokens.bind(event.token)) return !tokens.flag(tokenFlags.unproven);
    return event.identityId !== null && this.#identities.numberOf(event.identityId) !== 0;
  }

  /** What the operator calls the bait that the event touches. */
  honeytoken(event: TokenEvent): string | null {
    return this.#inventory.honeytoken(event);
  }

  /** When a token was rotated and found leaked, and what became of its owner, for people. `token` is its own fingerprint. */
  historyOf(token: string, identityId: string | null): { readonly rotatedMs: number | null; readonly leakedMs: number | null; readonly owner: OwnerHistory } {
    const { flags } = this.#registry.tokens.bind(token) ? this.#registry.tokens.record : { flags: 0 };
    const isTold = (flags & (rotated | exchanged | leaked)) !== 0 && this.#bindToken(token);
    const { rotatedSeconds, leakedSeconds } = isTold ? this.#tokenFate : { rotatedSeconds: 0, leakedSeconds: 0 };
    const times = { rotatedMs: timeOf(rotatedSeconds), leakedMs: timeOf(leakedSeconds) };
    if (identityId === null || !this.#bindOwner(identityId)) return { ...times, owner: noOwnerHistory };
    const owner = this.#ownerFate;
    return {
      ...times,
      owner: {
        offboardedMs: timeOf(owner.offboardedSeconds), goneMs: timeOf(owner.goneSeconds), replacedMs: timeOf(owner.replacedSeconds),
        newestKeyMs: timeOf(owner.keySeconds), widenedMs: [owner.widenedSeconds, owner.lastWidenedSeconds].filter((at) => at !== 0).map((at) => at * 1000),
      },
    };
  }

  #seconds(event: TokenEvent, fate: Fate): number {
    switch (fate) {
      case 'revoked': return this.#registry.tokens.record.revokedSeconds;
      case 'rotated': case 'exchanged': return this.#bindToken(event.token as string) ? this.#tokenFate.rotatedSeconds : 0;
      case 'leaked': return this.#bindToken(event.token as string) ? this.#tokenFate.leakedSeconds : 0;
      case 'honeytoken': return 0;
      default: return event.identityId !== null && this.#bindOwner(event.identityId) ? this.#ownerFate[`${fate}Seconds`] : 0;
    }
  }

  #learnOfToken(event: TokenEvent, token: string): void {
    const { tokens } = this.#registry;
    const isExchange = event.tokenKind === 'refresh' && event.issuedKind === 'refresh' && event.issued !== token && event.outcome === 'success';
    const flag = event.lifecycle === 'leaked' ? leaked : event.lifecycle === 'rotated' ? rotated : isExchange ? exchanged : 0;
    if (flag === 0 || event.outcome === 'failure') return;
    tokens.setFlag(flag);
    this.#tokenRows.bind(this.#tokenRows.row(token));
    if (flag === leaked && event.authenticated === true && this.#tokenFate.leakVouched === 0) {
      this.#tokenFate.leakVouched = 1;
      this.#tokenRows.markDirty();
    }
    const field = flag === leaked ? 'leakedSeconds' : 'rotatedSeconds';
    if (this.#tokenFate[field] !== 0) return;
    this.#tokenFate[field] = toSeconds(event.orderMs);
    this.#tokenRows.markDirty();
  }

  /** The first use of a lasting key makes it its identity's newest; older ones have been replaced then. */
  #enterService(event: TokenEvent): void {
    const { tokens } = this.#registry;
    const { record } = tokens;
    if (event.authenticated !== true || event.outcome !== 'success' || event.lifecycle !== null && event.lifecycle !== 'used') return;
    if (record.identity === 0 || !lasting.has(tokens.kind)) return;
    tokens.setFlag(inService);
    this.#bindNewOwner(record.identity);
    const issuedSeconds = toSeconds(record.issuedMs);
    if (issuedSeconds <= this.#ownerFate.keySeconds) return;
    this.#ownerFate.keySeconds = issuedSeconds;
    this.#ownerFate.replacedSeconds = toSeconds(event.orderMs);
    this.#ownerRows.markDirty();
  }

  /** `identity` 0: nobody known. */
  #note(identity: number, act: Act, event: TokenEvent): void {
    if (identity === 0) return;
    this.#bindNewOwner(identity);
    const owner = this.#ownerFate;
    const seconds = toSeconds(event.orderMs);
    if (act === 'reinstated') owner.offboardedSeconds = owner.goneSeconds = 0;
    else if (act === 'contained') owner.containedSeconds = seconds;
    else if (act === 'widened') {
      owner.widenedSeconds ||= seconds;
      owner.lastWidenedSeconds = Math.max(owner.lastWidenedSeconds, seconds);
    }
    else if (act === 'offboarded') owner.offboardedSeconds ||= seconds;
    else owner.goneSeconds ||= seconds;
    // Who is put out of service is cut off as well.
    if (act === 'offboarded') owner.containedSeconds = seconds;
    this.#ownerRows.markDirty();
  }

  #bindNewOwner(identity: number): void {
    this.#identities.noteFate(identity);
    this.#ownerRows.bind(this.#ownerRows.row(this.#identities.get(identity).id));
  }

  #ofOwner(identity: number, { token, orderMs }: TokenEvent): number {
    if (!this.#bindOwner(this.#identities.get(identity).id)) return 0;
    const { offboardedSeconds, goneSeconds, containedSeconds, keySeconds, replacedSeconds } = this.#ownerFate;
    let found = 0;
    if (offboardedSeconds !== 0) found |= fates.offboarded;
    if (goneSeconds !== 0) found |= fates.gone;
    if (containedSeconds !== 0) found |= fates.contained;
    if (replacedSeconds === 0 || token === null || replacedSeconds * 1000 > orderMs) return found;
    const { tokens } = this.#registry;
    if (!lasting.has(tokens.kind)) return found;
    const { issuedMs, firstSeenSeconds } = tokens.record;
    return (issuedMs === 0 ? firstSeenSeconds : toSeconds(issuedMs)) < keySeconds ? found | fates.replaced : found;
  }

  /** The record may be that of another name of the token. */
  #claimOf(token: string): number {
    return this.#bindToken(token) && this.#tokenFate.leakVouched !== 0 ? 0 : fates.claimed;
  }

  #bindToken(token: string): boolean {
    const ids = [token, ...this.#registry.tokens.texts(token).aliases];
    const row = ids.map((id) => this.#tokenRows.find(id)).find((found) => found >= 0) ?? -1;
    if (row >= 0) this.#tokenRows.bind(row);
    return row >= 0;
  }

  #bindOwner(id: string): boolean {
    const row = this.#ownerRows.find(id);
    if (row >= 0) this.#ownerRows.bind(row);
    return row >= 0;
  }
}

function timeOf(seconds: number): number | null {
  return seconds === 0 ? null : seconds * 1000;
}
