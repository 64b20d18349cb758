import type { Alert } from '../model/alert.ts';
import type { KeyScope } from '../model/detector.ts';
import type { Entities, Rows } from '../state/port.ts';
import { stableId } from '../state/stable-id.ts';
import type { Command } from '../store/port.ts';
import type { Detection } from './detection.ts';
import type { Episode, Episodes } from './episodes.ts';
import { keyScopes } from './keys.ts';
import { shadowRowKey } from './shadow-rows.ts';

/** So many can be taken back; the one that was seen longest ago goes first. */
const maxDecided = 1_000;

/** One record as it was, in base64; `null`: there was none. */
interface KeptRecord { readonly scope: KeyScope; readonly key: string; readonly real: string | null; readonly shadow: string | null }

/** An episode that somebody closed, with all that it takes to go on as if nobody had. */
export interface DecidedEpisode {
  readonly detector: string;
  readonly identity: string;
  readonly as: Extract<Command, { kind: 'close' }>['as'];
  readonly episode: Episode;
  /** Tells apart what its records' bytes mean. */
  readonly layout: string;
  readonly records: readonly KeptRecord[];
}

/** What people said of alerts can be taken back: every record is kept as it was before. */
export class Decided {
  readonly #decided: Entities<DecidedEpisode>;

  constructor(decided: Entities<DecidedEpisode>) {
    this.#decided = decided;
  }

  get(alertId: string): DecidedEpisode | undefined {
    return this.#decided.get(alertId);
  }

  /** Its alert has changed. */
  changed(decided: DecidedEpisode): void {
    this.#decided.set(decided.episode.alert.id, decided);
  }

  /** Before the episode is settled. */
  keep(detection: Detection, episodes: Episodes, episode: Episode, { detector, identity, as }: Pick<DecidedEpisode, 'detector' | 'identity' | 'as'>): void {
    const shadowKey = episodes.shadowKey(detector, identity);
    const records = keyScopes.flatMap((scope) => {
      const { rows, shadows } = detection.tables(scope);
      if (detection.detector(detection.indexOf(detector)).state[scope] === undefined) return [];
      return episodes.keysOf(episode, scope, identity).map((key): KeptRecord => (
        { scope, key, real: bytesOf(rows, key, detector), shadow: bytesOf(shadows, shadowRowKey(shadowKey, key), detector) }));
    });
    this.#decided.set(episode.alert.id, { detector, identity, as, episode: structuredClone(episode), layout: layoutOf(detection, detector), records });
    this.#makeRoom();
  }

  /** Puts everything back. Where its identity deviates again meanwhile, only the records; that episode goes on. */
  restore(detection: Detection, episodes: Episodes, { detector, identity, episode, layout, records, as }: DecidedEpisode): void {
    this.#decided.delete(episode.alert.id);
    const isFree = episodes.of(detector, identity) === undefined;
    if (isFree) episodes.keep(detector, identity, episode);
    if (detection.indexOf(detector) < 0 || layout !== layoutOf(detection, detector)) return;
    const shadowKey = episodes.shadowKey(detector, identity);
    for (const { scope, key, real, shadow } of records) {
      const { rows, shadows } = detection.tables(scope);
      // A theft was never learned: what the owner did since stays.
      if (as !== 'theft') putBack(rows, key, detector, real);
      if (isFree) putBack(shadows, shadowRowKey(shadowKey, key), detector, shadow);
    }
  }

  #makeRoom(): void {
    if (this.#decided.size <= maxDecided) return;
    let oldest: Alert | null = null;
    for (const [, { episode: { alert } }] of this.#decided.all()) if (oldest === null || alert.endMs < oldest.endMs) oldest = alert;
    if (oldest !== null) this.#decided.delete(oldest.id);
  }
}

function bytesOf(rows: Rows | undefined, key: string, detector: string): string | null {
  const row = rows?.find(key) ?? -1;
  if (rows === undefined || row < 0) return null;
  rows.bind(row);
  return Buffer.from(rows.bytesOf(detector)).toString('base64');
}

function putBack(rows: Rows | undefined, key: string, detector: string, bytes: string | null): void {
  if (rows === undefined || bytes === null) return;
  rows.bind(rows.row(key));
  rows.bytesOf(detector).set(Buffer.from(bytes, 'base64'));
  rows.markDirty();
}

function layoutOf(detection: Detection, detector: string): string {
  return stableId('layout', JSON.stringify(detection.detector(detection.indexOf(detector)).state));
}
