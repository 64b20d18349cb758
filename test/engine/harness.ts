import type { Correlation } from '../../src/engine/correlation.ts';
import { Coverage } from '../../src/engine/coverage.ts';
import { Decided } from '../../src/engine/decided.ts';
import { Denials } from '../../src/engine/denials.ts';
import { Detection, type ConfiguredDetector } from '../../src/engine/detection.ts';
import { Duplicates } from '../../src/engine/duplicates.ts';
import { EffectsBuffer } from '../../src/engine/effects.ts';
import { Engine } from '../../src/engine/engine.ts';
import { Episodes } from '../../src/engine/episodes.ts';
import { Exceptions, type ExceptionSettings } from '../../src/engine/exceptions.ts';
import { FeedClocks } from '../../src/engine/feed-clocks.ts';
import { Partials } from '../../src/engine/partials.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Silences } from '../../src/engine/silence.ts';
import type { Alert } from '../../src/model/alert.ts';
import { defineDetector, type Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { defineState, f64 } from '../../src/model/state.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { KeyHasher } from '../../src/state/hash.ts';
import { RowTable } from '../../src/state/rows.ts';
import { valuesOf } from '../support/detector-harness.ts';
import { incidentsInMemory } from '../support/incidents.ts';

const seed = { a: 1, b: 2 };
export const hourMs = 3_600_000;
export const startMs = Date.UTC(2026, 0, 5);

/** Keeps the largest bytes of an identity; anything more than twice that deviates. */
export const doubling = defineDetector({
  id: 'doubling', title: 'more than twice the most so far', alertTitle: 'Doubling',
  state: { identity: defineState({ most: f64() }), resource: defineState({ sum: f64() }) },
  parameters: {}, attack: [], owaspNhi: [], cases: [], restsOn: 'volume', grace: 'none', blindSpots: [], acceptance: 'none',
  wants: (event) => event.bytesOut !== null,
  observe(event, records) {
    const own = records.identity;
    if (own === null) return null;
    if (event.action === 'throw') {
      own.most = 1e9;
      throw new Error('broken on purpose');
    }
    const bytes = event.bytesOut ?? 0;
    const before = own.most;
    own.most = Math.max(before, bytes);
    if (records.resource !== null) records.resource.sum += bytes;
    if (before === 0 || bytes <= 2 * before) return null;
    return {
      severity: 47, surpriseBits: 20, confidence: 1, reason: `${bytes} after ${before}`,
      baseline: { mostBytes: before }, observed: { bytes }, deviates: 'network',
    };
  },
});

export interface World {
  readonly engine: Engine;
  readonly alerts: Map<string, Alert>;
  readonly hidden: Map<string, Alert>;
  readonly exceptions: Exceptions;
  readonly seen: TokenEvent[];
  readonly errors: string[];
  most(identity: string): number;
  resourceSum(resource: string): number;
}

/** An engine over tables in memory, with a correlation that leaves events as they are. */
export function world(detectors: readonly Detector[] = [doubling as unknown as Detector], correlation: Partial<Correlation> = {},
  storedAlert: (id: string) => Alert | null = () => null, settings: ExceptionSettings = { exceptions: [], inventory: [] }): World {
  const tables = new Map<string, RowTable>();
  const alerts = new Map<string, Alert>();
  const seen: TokenEvent[] = [];
  const errors: string[] = [];
  const configured: ConfiguredDetector[] = detectors.map((detector) => ({ detector, values: valuesOf(detector) }));
  const detection = new Detection(configured, (scope, parts) => {
    const table = new RowTable(scope, parts, seed);
    tables.set(scope, table);
    return table;
  }, (detector) => errors.push(detector));
  const hidden = new Map<string, Alert>();
  const exceptions = new Exceptions(new Episodes(new EntityMap('hidden-episode'), 'hidden|'), settings, ['sure'], new EntityMap('quiet'));
  const effects = new EffectsBuffer();
  effects.hide = (alert) => void hidden.set(alert.id, structuredClone(alert));
  effects.alert = (alert) => void alerts.set(alert.id, structuredClone(alert));
  const incidents = incidentsInMemory();
  const coverage = new Coverage(new EntityMap('coverage'));
  const book = { token: () => null, dependents: { of: () => [] } };
  const engine = new Engine({
    correlation: {
      correlate: (event) => ({ event, released: [], bound: [] }), tick: () => ({ event: null, released: [], bound: [] }),
      tokenIssuedMs: () => null, issueSeen: () => false, lineageOf: (token) => token, ownerKindOf: () => null, identitySinceMs: () => null, dependents: { note: () => undefined }, fates: noFates,
      ...correlation,
    },
    detection, effects, enrich: () => undefined, onEvent: (event) => seen.push(event), onAlert: () => undefined, onHidden: () => undefined, exceptions,
    decide: () => [], repeating: new Set(['repeating']),
    episodes: new Episodes(new EntityMap('episode')), denials: new Denials(new EntityMap('theft')), decided: new Decided(new EntityMap('decided')), storedAlert,
    incidents, silences: new Silences(coverage, incidents, book, new EntityMap('silence'), true),
    coverage, clocks: new FeedClocks(new EntityMap('feed-clock')),
    recorder: new Recorder({ recordings: new EntityMap('recording'), effects, lineageOf: correlation.lineageOf ?? ((token) => token) }),
    partials: new Partials(new EntityMap('running-request')),
    duplicates: new Duplicates(new EntityMap('seen'), new KeyHasher(seed)),
  });
  const [first] = detectors;
  const field = (scope: string, key: string, name: string): number => {
    const table = tables.get(scope) as RowTable;
    const row = table.find(key);
    if (row < 0) return 0;
    table.bind(row);
    return (table.cursor(first?.id ?? '') as unknown as Record<string, number>)[name] as number;
  };
  return {
    engine, alerts, hidden, exceptions, seen, errors,
    most: (identity) => field('identity', identity, 'most'), resourceSum: (resource) => field('resource', resource, 'sum'),
  };
}

/** Nothing became of anybody. */
const noFates: Correlation['fates'] = {
  of: () => 0, sinceMs: () => null, placeBefore: () => 'unknown', formerUseMs: null, isKnown: () => true, honeytoken: () => null,
};

let counter = 0;

/** One authenticated use by identity `a` from network `home`; whatever is given takes its place. */
export function use(hours: number, bytes: number, fields: Partial<TokenEvent> = {}): TokenEvent {
  const event = emptyEvent('test', startMs + hours * hourMs);
  Object.assign(event, {
    id: `event-${counter++}`, identityId: 'a', token: 'token-a', tokenKind: 'jwt', networkBlock: 'home', resourceId: 'store',
    authenticated: true, lifecycle: 'used', outcome: 'success', bytesOut: bytes,
  }, fields);
  return event;
}
