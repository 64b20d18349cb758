import type { Alert } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import { recordedUse } from '../model/recorded.ts';
import type { Entities } from '../state/port.ts';
import { addOnce } from './add-once.ts';
import type { EffectsBuffer } from './effects.ts';
import { acceptAfterMs } from './episodes.ts';

/** Beyond it events of an incident are only counted. */
export const maxKept = 20_000;
/** Of recordings that have ended the oldest goes first, then the one without a hit for longest. */
const maxRecordings = 1_000;
/** Tokens, lineages and alerts of one recording; further ones are not followed. */
const maxFollowed = 64;

/** What is being recorded of one incident. */
export interface Recording {
  /** Tokens and roots of lineages; identities where an alert names no token. */
  readonly keys: string[];
  /** Those not closed. */
  alertIds: string[];
  lastHitMs: number;
  kept: number;
  missedEvents: number;
  missedBytes: number;
  endedMs: number | null;
  /** Event that was looked at last: several detectors may hit in one. */
  lastEventId: string;
}

export interface RecorderParts {
  readonly recordings: Entities<Recording>;
  readonly effects: Pick<EffectsBuffer, 'record' | 'recorded'>;
  readonly lineageOf: (token: string) => string;
}

/**
 * The flight recorder: from the first alert of a lineage on, every event of that lineage is kept, the owner's as well as the thief's, until
 * its alerts are closed or nothing deviated for 14 days. So what was touched is known exactly, though an alert keeps only samples.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  /** Key -> incident. Of recordings that go on. */
  readonly #incidentOf = new Map<string, string>();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    for (const [id, recording] of parts.recordings.all()) if (recording.endedMs === null) this.#index(id, recording);
  }

  /** The event is the alert's newest. */
  hit(alert: Alert, identity: string, event: TokenEvent): void {
    const { recordings, lineageOf } = this.#parts;
    const { incidentId } = alert;
    const recording = recordings.get(incidentId) ?? this.#begin(event);
    const { token } = event;
    const found = [...alert.tokens, ...token === null ? [] : [token, lineageOf(token)]];
    for (const key of found.length === 0 ? [identity] : found) addOnce(recording.keys, key, maxFollowed);
    addOnce(recording.alertIds, alert.id, maxFollowed);
    recording.lastHitMs = Math.max(recording.lastHitMs, event.orderMs);
    if (recording.endedMs !== null) {
      recording.endedMs = null;
      this.#tell(incidentId, recording);
    }
    this.#index(incidentId, recording);
    this.#keep(incidentId, recording, event, false);
  }

  /** Any event. `isHop`: another log's record of a request that was seen. Costs nothing while nothing is recorded. */
  see(event: TokenEvent, isHop: boolean): void {
    if (this.#incidentOf.size === 0) return;
    const id = this.#find(event);
    const recording = id === undefined ? undefined : this.#parts.recordings.get(id);
    if (id === undefined || recording === undefined) return;
    if (event.orderMs - recording.lastHitMs > acceptAfterMs) this.#end(id, recording, event.orderMs);
    else this.#keep(id, recording, event, isHop);
  }

  /** The alert was closed; with the last one its recording ends. */
  closed({ id, incidentId, endMs }: Alert): void {
    const recording = this.#parts.recordings.get(incidentId);
    if (recording === undefined || recording.endedMs !== null) return;
    recording.alertIds = recording.alertIds.filter((one) => one !== id);
    if (recording.alertIds.length === 0) this.#end(incidentId, recording, endMs);
    else this.#parts.recordings.set(incidentId, recording);
  }

  #find({ token, parent, identityId }: TokenEvent): string | undefined {
    const own = token === null ? undefined : this.#incidentOf.get(token);
    // A token that was issued from none is its own root.
    const found = own ?? (token === null || parent === null ? undefined : this.#incidentOf.get(this.#parts.lineageOf(token)));
    return found ?? (identityId === null ? undefined : this.#incidentOf.get(identityId));
  }

  #begin(event: TokenEvent): Recording {
    this.#makeRoom();
    return { keys: [], alertIds: [], lastHitMs: event.orderMs, kept: 0, missedEvents: 0, missedBytes: 0, endedMs: null, lastEventId: '' };
  }

  #keep(id: string, recording: Recording, event: TokenEvent, isHop: boolean): void {
    const { recordings, effects } = this.#parts;
    if (recording.lastEventId !== event.id) {
      recording.lastEventId = event.id;
      if (recording.kept < maxKept) {
        recording.kept++;
        effects.record(recordedUse(id, event, isHop));
      } else {
        recording.missedEvents++;
        if (!isHop) recording.missedBytes += event.bytesOut ?? 0;
        this.#tell(id, recording);
      }
    }
    recordings.set(id, recording);
  }

  #end(id: string, recording: Recording, timeMs: number): void {
    recording.endedMs = timeMs;
    const { recordings } = this.#parts;
    recordings.set(id, recording);
    this.#tell(id, recording);
    this.#incidentOf.clear();
    for (const [other, going] of recordings.all()) if (going.endedMs === null) this.#index(other, going);
  }

  #tell(incidentId: string, { missedEvents, missedBytes, endedMs }: Recording): void {
    this.#parts.effects.recorded({ incidentId, missedEvents, missedBytes, endedMs });
  }

  /** Where two go on for one key it is the lower id, so that the same is kept after a restart. */
  #index(id: string, { keys }: Recording): void {
    for (const key of keys) {
      const other = this.#incidentOf.get(key);
      if (other === undefined || id < other) this.#incidentOf.set(key, id);
    }
  }

  #makeRoom(): void {
    const { recordings } = this.#parts;
    if (recordings.size < maxRecordings) return;
    let [oldest, place] = ['', Infinity];
    for (const [id, { endedMs, lastHitMs }] of recordings.all()) {
      // All that have ended are older than any that goes on.
      const own = endedMs === null ? lastHitMs : endedMs - Number.MAX_SAFE_INTEGER;
      if (own < place) [oldest, place] = [id, own];
    }
    const going = recordings.get(oldest);
    if (going?.endedMs === null) this.#end(oldest, going, going.lastHitMs);
    recordings.delete(oldest);
  }
}
