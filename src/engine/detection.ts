import type { Context, Detector, KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { StateLayout } from '../model/state.ts';
import type { Rows } from '../state/port.ts';
import { Asked } from './asked.ts';
import { keyOf, keyScopes } from './keys.ts';
import { raised } from './raise.ts';
import { keepsShadow, partsOf, shadowRowKey } from './shadow-rows.ts';

/** A detector with the values that its parameters have in this configuration. */
export interface ConfiguredDetector {
  readonly detector: Detector;
  readonly values: Readonly<Record<string, number | null>>;
}

/** Makes the table of one scope; `parts` are the records that the detectors of that scope keep. */
export type RowsFactory = (scope: string, parts: Readonly<Record<string, StateLayout>>) => Rows;

/** One scope of one detector: where its real and its shadow records live. */
interface Place {
  readonly scope: KeyScope;
  /** Place of the scope in `keyScopes`. */
  readonly index: number;
  readonly rows: Rows;
  readonly real: unknown;
  readonly shadowRows: Rows | null;
  readonly shadow: unknown;
  /** What `records` holds for this scope: set again only when it changes, which is rare. */
  shown: unknown;
}

interface Running {
  readonly detector: Detector;
  /** Of the detector; 0: any. */
  readonly fates: number;
  readonly values: Readonly<Record<string, number | null>>;
  readonly places: readonly Place[];
  /** Handed to `observe`; its properties are set anew for each event. */
  readonly records: Record<string, unknown>;
}

export type DetectorError = (detector: string, event: TokenEvent) => void;

/**
 * Runs the detectors over events. Each sees its own records as they were, judges, then updates them.
 * A finding or an exception takes the update back: what deviates is not learned. Where an episode is
 * open for what deviates, the caller's own records are those of a shadow that goes on learning beside
 * the real ones. Records shared between callers have a shadow where the detector can merge it later; else
 * what deviates never updates them. What `isVital` holds of is told as one severity more.
 */
export class Detection {
  /** Of the detectors, in the order in which they judge. */
  readonly ids: readonly string[];
  readonly asked: Asked;
  readonly #running: readonly Running[];
  readonly #tables = new Map<KeyScope, Rows>();
  readonly #shadows = new Map<KeyScope, Rows>();
  readonly #onError: DetectorError;
  readonly #isVital: (event: TokenEvent) => boolean;
  /** Keys of the event at hand by scope, and whether its row is bound: looked up and remembered once for all detectors. */
  readonly #keys: (string | null)[] = keyScopes.map(() => null);
  readonly #bound: boolean[] = keyScopes.map(() => false);

  constructor(detectors: readonly ConfiguredDetector[], makeRows: RowsFactory, onError: DetectorError, isVital: (event: TokenEvent) => boolean = () => false) {
    this.#onError = onError;
    this.#isVital = isVital;
    this.ids = detectors.map(({ detector }) => detector.id);
    for (const scope of keyScopes) {
      const parts = partsOf(scope, detectors);
      if (Object.keys(parts).length === 0) continue;
      this.#tables.set(scope, makeRows(scope, parts));
      if (detectors.some(({ detector }) => keepsShadow(detector, scope))) this.#shadows.set(scope, makeRows(`shadow:${scope}`, parts));
    }
    this.#running = detectors.map((configured) => this.#place(configured));
    this.asked = new Asked(detectors.map(({ detector }) => detector));
  }

  get detectors(): number {
    return this.#running.length;
  }

  id(index: number): string {
    return this.ids[index] as string;
  }

  /** -1 for a detector that this version does not have. */
  indexOf(id: string): number {
    return this.#running.findIndex(({ detector }) => detector.id === id);
  }

  detector(index: number): Detector {
    return (this.#running[index] as Running).detector;
  }

  /** Turns to an event: `wants` and `observe` are about this one until the next call. */
  start(event: TokenEvent): void {
    for (let i = 0; i < keyScopes.length; i++) {
      this.#keys[i] = keyOf(keyScopes[i] as KeyScope, event);
      this.#bound[i] = false;
    }
  }

  /** Only for those of `asked`. */
  wants(index: number, event: TokenEvent, context: Context): boolean {
    const { fates, detector } = this.#running[index] as Running;
    return (fates === 0 || (fates & context.fate) !== 0) && (detector.wants === undefined || detector.wants(event, context));
  }

  /**
   * Judges the event by one detector. With `shadowKey` the caller's own records are the shadow's.
   * `learn` false judges only: nothing is kept, whatever is found.
   */
  observe(index: number, event: TokenEvent, context: Context, shadowKey: string | null, learn: boolean): Finding | null {
    const running = this.#running[index] as Running;
    this.#bind(running, shadowKey);
    let finding: Finding | null = null;
    let failed = false;
    try {
      finding = running.detector.observe(event, running.records as never, running.values as never, context);
    } catch {
      failed = true;
      this.#onError(running.detector.id, event);
    }
    this.#settle(running, shadowKey !== null, failed || !learn, finding !== null);
    return finding === null || !this.#isVital(event) ? finding : raised(finding);
  }

  /** Starts a shadow as a copy of the caller's real records. Events that deviate then go on there. */
  openShadow(index: number, shadowKey: string): void {
    const running = this.#running[index] as Running;
    this.#bind(running, null);
    for (const place of running.places) {
      const key = this.#keys[place.index] as string | null;
      if (place.shadowRows === null || key === null) continue;
      place.shadowRows.bind(place.shadowRows.row(shadowRowKey(shadowKey, key)));
      place.shadowRows.bytesOf(running.detector.id).set(place.rows.bytesOf(running.detector.id));
      place.shadowRows.markDirty();
    }
  }

  /** What deviated is accepted for one key: the real record takes over what the shadow learned, or is replaced by it. */
  acceptShadow(index: number, shadowKey: string, scope: KeyScope, key: string): void {
    const running = this.#running[index] as Running;
    const { id, accept } = running.detector;
    const place = running.places.find((candidate) => candidate.scope === scope);
    if (place === undefined || place.shadowRows === null) return;
    const shadowRow = place.shadowRows.find(shadowRowKey(shadowKey, key));
    if (shadowRow < 0) return;
    place.shadowRows.bind(shadowRow);
    place.rows.bind(place.rows.row(key));
    const merge = accept?.[scope];
    if (merge === undefined) place.rows.bytesOf(id).set(place.shadowRows.bytesOf(id));
    else merge(place.real as never, place.shadow as never);
    place.rows.markDirty();
    // The event's own row is to be bound anew, and remembered as it is now.
    this.#bound[place.index] = false;
    place.shadowRows.delete(shadowRowKey(shadowKey, key));
  }

  /** Records of one scope, and the shadows beside them. */
  tables(scope: KeyScope): { readonly rows: Rows | undefined; readonly shadows: Rows | undefined } {
    return { rows: this.#tables.get(scope), shadows: this.#shadows.get(scope) };
  }

  /** What deviated for one key is forgotten. */
  dropShadow(shadowKey: string, scope: KeyScope, key: string): void {
    this.#shadows.get(scope)?.delete(shadowRowKey(shadowKey, key));
  }

  /** Has anything of this key been seen? Only to be asked between events. */
  knows(scope: KeyScope, key: string): boolean {
    return (this.#tables.get(scope)?.find(key) ?? -1) >= 0;
  }

  /** Forgets the records of a provisional key whose real owner became known. */
  forget(scope: KeyScope, key: string): void {
    this.#tables.get(scope)?.delete(key);
  }

  #place({ detector, values }: ConfiguredDetector): Running {
    const places: Place[] = [];
    for (const scope of keyScopes) {
      const rows = this.#tables.get(scope);
      if (detector.state[scope] === undefined || rows === undefined) continue;
      const shadowRows = keepsShadow(detector, scope) ? this.#shadows.get(scope) ?? null : null;
      places.push({
        scope, index: keyScopes.indexOf(scope), rows, real: rows.cursor(detector.id),
        shadowRows, shadow: shadowRows?.cursor(detector.id) ?? null, shown: null,
      });
    }
    const records = Object.fromEntries(places.map((place) => [place.scope, null]));
    return { detector, fates: detector.fates ?? 0, values, places, records };
  }

  /** Points the cursors at the event's rows, and remembers those as they are. */
  #bind(running: Running, shadowKey: string | null): void {
    for (const place of running.places) {
      const key = this.#keys[place.index] as string | null;
      if (key === null) {
        show(running, place, null);
        continue;
      }
      if (shadowKey === null || place.shadowRows === null) {
        this.#bindReal(place, key);
        show(running, place, place.real);
      } else {
        this.#bindShadow(running, place, shadowRowKey(shadowKey, key), key);
        show(running, place, place.shadow);
      }
    }
  }

  #bindReal({ index, rows }: Place, key: string): void {
    if (this.#bound[index]) return;
    rows.bind(rows.row(key));
    rows.remember();
    this.#bound[index] = true;
  }

  /** A key met for the first time beside the real records starts as a copy of its real one. */
  #bindShadow({ detector }: Running, place: Place, shadowKey: string, key: string): void {
    const rows = place.shadowRows as Rows;
    const known = rows.find(shadowKey);
    rows.bind(known >= 0 ? known : rows.row(shadowKey));
    if (known < 0) {
      this.#bindReal(place, key);
      rows.bytesOf(detector.id).set(place.rows.bytesOf(detector.id));
    }
    rows.remember();
  }

  /** Keeps the update or takes it back, record by record. */
  #settle(running: Running, inShadow: boolean, undoAll: boolean, found: boolean): void {
    for (const place of running.places) {
      if (this.#keys[place.index] === null) continue;
      const shadowed = inShadow && place.shadowRows !== null;
      const rows = shadowed ? place.shadowRows as Rows : place.rows;
      const deviates = found || inShadow;
      if (undoAll || deviates && !shadowed) rows.takeBack(running.detector.id);
      else rows.markDirty();
    }
  }
}

function show(running: Running, place: Place, record: unknown): void {
  if (place.shown === record) return;
  place.shown = record;
  running.records[place.scope] = record;
}
