import type { ParameterTexts } from '../../../src/config/parameters.ts';
import type { Origin, RawRecord } from '../../../src/ingest/record.ts';
import type { Alert } from '../../../src/model/alert.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { openWorld } from '../world.ts';
import type { Call, Workload } from './calls.ts';
import { lineOf } from './lines.ts';

/**
 * A raised alert: the engine goes on adding to it. `tokens`: those that it named when it was raised; where that was none, as when somebody fetches a
 * token, those that join it.
 */
export interface Raised { readonly alert: Alert; readonly createdMs: number; readonly tokens: readonly string[] }

/** Who else looks at the same calls. */
export type Onlooker = (workload: Workload, call: Call, atMs: number) => void;

/** A record as it comes in. `atMs`: when, from the epoch of the estate. */
export interface Arrival { readonly atMs: number; readonly workload: Workload; readonly call: Call; readonly serial: number }

/** An engine that sees the estate's events. */
export interface Listener {
  readonly raised: readonly Raised[];
  process(event: TokenEvent, atMs: number): boolean;
  close(alert: Alert): void;
  /** Writes what is known, so that what is idle leaves memory as it does in service. */
  save(): Promise<void>;
  end(): Promise<void>;
}

/** How one engine differs from what ships. */
export interface EngineSettings {
  readonly name: string;
  readonly parameters: ParameterTexts;
  /** Detectors that it does not have. */
  readonly without: readonly string[];
}

export function openListener({ parameters, without }: EngineSettings): Listener {
  const raised: Raised[] = [];
  let nowMs = 0;
  const world = openWorld(null, parameters, (alert) => {
    raised.push({ alert, createdMs: nowMs, tokens: alert.handles.length === 0 ? alert.handles : [...alert.handles] });
  }, without);
  return {
    raised,
    process: (event, atMs) => {
      nowMs = atMs;
      return world.engine.process(event) === 'event';
    },
    close: (alert) => world.engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false),
    save: async () => { await world.loop.checkpoint(); },
    end: async () => { await world.store.close(); },
  };
}

/** Reads the estate's records, each once, for all who listen. */
export class Feed {
  readonly #listeners: readonly Listener[];
  readonly #reader = openWorld();
  readonly #origins = new Map<string, Origin>();
  #ordinal = 0;
  events = 0;

  constructor(listeners: readonly Listener[]) {
    this.#listeners = listeners;
  }

  take({ atMs, workload, call, serial }: Arrival): void {
    this.#ordinal += 1;
    const record: RawRecord = {
      origin: this.#originOf(call.log), bytes: Buffer.from(lineOf(workload, call, serial)), offset: this.#ordinal * 1000, index: null, ordinal: this.#ordinal,
      originalPosition: null, envelopeTimeMs: null,
    };
    const event = eventOf(this.#reader.normalizer.normalize(record));
    let isNew = false;
    // Engines fill in what they find out: the last may have the event itself.
    for (let at = this.#listeners.length - 1; at >= 0; at -= 1) isNew = (this.#listeners[at] as Listener).process(at === 0 ? event : { ...event }, atMs);
    if (isNew) this.events += 1;
  }

  async end(): Promise<void> {
    await this.#reader.store.close();
    for (const listener of this.#listeners) await listener.end();
  }

  #originOf(format: string): Origin {
    let origin = this.#origins.get(format);
    if (origin === undefined) {
      origin = { path: format, place: this.#origins.size, identity: format, source: null, modifiedMs: null };
      this.#origins.set(format, origin);
    }
    return origin;
  }
}

function eventOf(outcome: ReturnType<ReturnType<typeof openWorld>['normalizer']['normalize']>): TokenEvent {
  if (outcome.kind !== 'event') throw new Error(`a generated record is no event: ${JSON.stringify(outcome)}`);
  return outcome.event;
}
