import type { Binding } from '../correlate/registry.ts';
import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { Entities } from '../state/port.ts';
import { addOnce } from './add-once.ts';
import { countIn, grownMs, inherit, join, maxFeatures, open, type Episode } from './episode.ts';
import { keyOf } from './keys.ts';

/** An episode ends after this long without a hit. */
export const episodeEndMs = 24 * 3_600_000;
/** What deviated and was left untouched for this long is accepted as normal. */
export const acceptAfterMs = 14 * 24 * 3_600_000;
/** An event this much older than the newest one is late: its alert is marked so. */
export const lateAfterMs = 3_600_000;

export { decodeEpisode, type Episode } from './episode.ts';

/** Findings become episodes: the first hit opens an alert, later hits join it. */
export class Episodes {
  readonly #episodes: Entities<Episode>;
  /** Alert -> key of the episode that it is, or was, that of. Made when somebody first asks. */
  #keys: Map<string, string> | null = null;
  readonly #shadowPrefix: string;
  /** Identity -> its undecided episodes: those who have none, which is nearly everybody, are told by one look. */
  readonly #counts = new Map<string, number>();
  /** Who was asked about last, and whether he has some: every detector asks about the same one. */
  #last: string | null = null;
  #lastHas = false;

  /** `shadowPrefix` keeps the shadows of several books apart. */
  constructor(episodes: Entities<Episode>, shadowPrefix = '') {
    this.#episodes = episodes;
    this.#shadowPrefix = shadowPrefix;
    for (const [key] of episodes.all()) this.#count(identityOf(key), 1);
  }

  /** What the shadows of an episode are kept under. */
  shadowKey(detector: string, identity: string): string {
    return this.#shadowPrefix + episodeKey(detector, identity);
  }

  get size(): number {
    return this.#episodes.size;
  }

  /** The undecided episode of a detector on an identity, however long ago its last hit was. */
  of(detector: string, identity: string): Episode | undefined {
    return this.#has(identity) ? this.#episodes.get(episodeKey(detector, identity)) : undefined;
  }

  /** Is the network what sets an undecided episode of the identity apart, whichever of the detectors saw it? */
  suspects(identity: string, network: string, detectors: Iterable<string>): boolean {
    if (!this.#has(identity)) return false;
    for (const detector of detectors) {
      const episode = this.of(detector, identity);
      if (episode?.deviates === 'network' && episode.alert.networks.includes(network)) return true;
    }
    return false;
  }

  /** The undecided episode of an alert. */
  find(alertId: string): { readonly episode: Episode; readonly detector: string; readonly identity: string } | undefined {
    this.#keys ??= new Map(Array.from(this.#episodes.all(), ([key, { alert }]) => [alert.id, key]));
    const key = this.#keys.get(alertId);
    const episode = key === undefined ? undefined : this.#episodes.get(key);
    if (key === undefined || episode?.alert.id !== alertId) return undefined;
    return { episode, detector: key.slice(0, key.indexOf('|')), identity: identityOf(key) };
  }

  /** Stores the episode, or says that it changed in place. */
  keep(detector: string, identity: string, episode: Episode): void {
    const key = episodeKey(detector, identity);
    if (this.of(detector, identity) === undefined) this.#count(identity, 1);
    this.#episodes.set(key, episode);
    if (this.#keys === null) return;
    // Alerts that are over stay in it for a while: what is found there is always compared.
    if (this.#keys.size > 2 * this.#episodes.size + 1000) this.#keys = null;
    else this.#keys.set(episode.alert.id, key);
  }

  /**
   * Does the event belong to what deviates in this episode? A deviating network is enough by itself. A deviating
   * token counts with its networks, because the workload it was stolen from uses it too; with more networks
   * than are remembered, by itself.
   */
  covers(episode: Episode, event: TokenEvent): boolean {
    const { tokens, networks } = episode.alert;
    const network = event.networkBlock === null || networks.includes(event.networkBlock);
    if (episode.deviates === 'network') return event.networkBlock !== null && network;
    const token = event.token === null ? tokens.length === 0 : tokens.includes(event.token);
    return token && (network || networks.length >= maxFeatures);
  }

  /** Has the episode ended by the time of this event? What deviates then still goes to the shadow. */
  ended(episode: Episode, event: TokenEvent): boolean {
    return event.orderMs - episode.lastHitMs > episodeEndMs;
  }

  /** Counts an event of what deviates that is no hit of its own. */
  follow(episode: Episode, detector: string, identity: string, event: TokenEvent): void {
    countIn(episode, event);
    this.keep(detector, identity, episode);
  }

  /** Time at which what deviates is accepted if nobody says otherwise and it does not grow: a lasting change hits every day. */
  acceptsAt(episode: Episode): number {
    return grownMs(episode) + acceptAfterMs;
  }

  /** Keys that this episode keeps a shadow for. */
  keysOf(episode: Episode, scope: KeyScope, identity: string): readonly string[] {
    const { alert, sourceClients } = episode;
    switch (scope) {
      case 'identity':
      case 'actor': return [identity];
      case 'token': return alert.tokens;
      case 'source+client': return sourceClients;
      case 'resource': return alert.resources;
      default: {
        const key = keyOf(scope, alert.first);
        return key === null ? [] : [key];
      }
    }
  }

  /**
   * Joins a finding to the open episode, or opens one; what another exception hides is another episode. Returns the episode; `alert` has its
   * new version.
   */
  hit(detector: string, identity: string, event: TokenEvent, finding: Finding, late: boolean, hiddenBy?: string): { episode: Episode; opened: boolean } {
    const known = this.of(detector, identity);
    if (known !== undefined && known.alert.hiddenBy === hiddenBy && Math.abs(event.orderMs - known.lastHitMs) <= episodeEndMs) {
      join(known, event, finding);
      addOnce(known.sourceClients, keyOf('source+client', event), maxFeatures);
      known.alert.late &&= late;
      this.keep(detector, identity, known);
      return { episode: known, opened: false };
    }
    const episode = open(detector, identity, event, finding, late);
    if (hiddenBy !== undefined) episode.alert.hiddenBy = hiddenBy;
    if (known !== undefined) inherit(episode, known);
    this.keep(detector, identity, episode);
    return { episode, opened: true };
  }

  close(detector: string, identity: string): void {
    if (this.of(detector, identity) !== undefined) this.#count(identity, -1);
    this.#episodes.delete(episodeKey(detector, identity));
  }

  #has(identity: string): boolean {
    if (identity !== this.#last) {
      this.#last = identity;
      this.#lastHas = this.#counts.has(identity);
    }
    return this.#lastHas;
  }

  #count(identity: string, change: 1 | -1): void {
    this.#last = null;
    const count = (this.#counts.get(identity) ?? 0) + change;
    if (count === 0) this.#counts.delete(identity);
    else this.#counts.set(identity, count);
  }

  /** Moves an episode to the owner that its provisional one turned out to be. Returns it, amended. */
  rename(detector: string, provisionalId: string, owner: Binding): Episode | null {
    const episode = this.of(detector, provisionalId);
    if (episode === undefined) return null;
    this.close(detector, provisionalId);
    const { alert } = episode;
    alert.first.identityId = owner.identityId;
    alert.first.identityKind = owner.observations.at(-1)?.identityKind ?? alert.first.identityKind;
    alert.first.identityName ??= owner.identityName;
    if (alert.first.token !== null && alert.first.token === owner.formerToken) alert.first.token = owner.token;
    alert.tokens = [...new Set(alert.tokens.map((token) => (token === owner.formerToken ? owner.token : token)))];
    alert.version++;
    if (this.of(detector, owner.identityId) === undefined) this.keep(detector, owner.identityId, episode);
    return episode;
  }
}

function episodeKey(detector: string, identity: string): string {
  return `${detector}|${identity}`;
}

function identityOf(key: string): string {
  return key.slice(key.indexOf('|') + 1);
}
