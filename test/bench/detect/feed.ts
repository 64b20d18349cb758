import type { ParameterTexts } from '../../../src/config/parameters.ts';
import type { Origin, RawRecord } from '../../../src/ingest/record.ts';
import type { Alert } from '../../../src/model/alert.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { openWorld } from '../world.ts';
import type { Call, Workload } from './calls.ts';
import { lineOf } from './lines.ts';

/** A raised alert: the engine goes on adding to it. `tokens`: those that it named when it was raised. */
export interface Raised { readonly alert: Alert; readonly createdMs: number; readonly tokens: readonly string[] }

/** Who else looks at the same calls. */
export type Onlooker = (workload: Workload, call: Call, atMs: number) => void;

/** A record as it comes in. `atMs`: when, from the epoch of the estate. */
export interface Arrival { readonly atMs: number; readonly workload: Workload; readonly call: Call; readonly serial: number }

/** Reader and engine over the records of an estate, with parameters of their own. */
export interface Feed {
  readonly raised: readonly Raised[];
  take(arrival: Arrival): void;
  close(alert: Alert): void;
  /** How many events it took in. */
  taken(): number;
  end(): Promise<void>;
}

/** `without`: detectors that are switched off. */
export function openFeed(parameters: ParameterTexts, without: readonly string[]): Feed {
  const raised: Raised[] = [];
  let nowMs = 0;
  const world = openWorld(null, parameters, (alert) => {
    if (!without.includes(alert.detector)) raised.push({ alert, createdMs: nowMs, tokens: [...alert.handles] });
  });
  const origins = new Map<string, Origin>();
  let events = 0;
  let ordinal = 0;
  const originOf = (format: string): Origin => {
    let origin = origins.get(format);
    if (origin === undefined) origins.set(format, origin = { path: format, place: origins.size, identity: format, source: null, modifiedMs: null });
    return origin;
  };
  return {
    raised,
    take: ({ atMs, workload, call, serial }) => {
      nowMs = atMs;
      ordinal += 1;
      const bytes = Buffer.from(lineOf(workload, call, serial));
      const record: RawRecord = { origin: originOf(call.log), bytes, offset: ordinal * 1000, index: null, ordinal, originalPosition: null, envelopeTimeMs: null };
      if (world.engine.process(eventOf(world.normalizer.normalize(record))) === 'event') events += 1;
    },
    close: (alert) => world.engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false),
    taken: () => events,
    end: async () => { await world.store.close(); },
  };
}

function eventOf(outcome: ReturnType<ReturnType<typeof openWorld>['normalizer']['normalize']>): TokenEvent {
  if (outcome.kind !== 'event') throw new Error(`a generated record is no event: ${JSON.stringify(outcome)}`);
  return outcome.event;
}
