import type { Context, Detector, KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { StateLayout } from '../model/state.ts';
import type { Rows } from '../state/port.ts';
import { Asked } from './asked.ts';
import { CallerRows, callerScopes } from './caller-rows.ts';
import { keyOf, keyScopes } from './keys.ts';
import { bindReal, bindShadow, lookUp, type Place, type Scope } from './places.ts';
import { raised } from './raise.ts';
import { keepsShadow, partsOf, shadowRowKey } from './shadow-rows.ts';

/** A detector with the values that its parameters have in this configuration. */
export interface ConfiguredDetector {
  readonly detector: Detector;
  readonly values: Readonly<Record<string, number | null>>;
}

/** Makes the table of one scope; `parts` are the records that the detectors of that scope keep. */
export type RowsFactory = (scope: string, parts: Readonly<Record<string, StateLayout>>) => Rows;

/** A detector at work. What is called for each event stands here, so that it is found in one place whichever detector it is. */
interface Running {
  readonly detector: Detector;
  readonly wants: NonNullable<Detector['wants']> | null;
  readonly observe: Detector['observe'];
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
  readonly #scopes: readonly Scope[];
  readonly #callers: CallerRows;
  readonly #onError: DetectorError;
  readonly #isVital: (event: TokenEvent) => boolean;

  constructor(detectors: readonly ConfiguredDetector[], makeRows: RowsFactory, onError: DetectorError, isVital: (event: TokenEvent) => boolean = () => false) {
    this.#onError = onError;
    this.#isVital = isVital;
    this.ids = detectors.map(({ detector }) => detector.id);
    const tables = keyScopes.flatMap((name) => {
      const parts = partsOf(name, detectors);
      if (Object.keys(parts).length === 0) return [];
      const rows = makeRows(name, parts);
      const shadowRows = detectors.some(({ detector }) => keepsShadow(detector, name)) ? makeRows(`shadow:${name}`, parts) : null;
      return [{ name, rows, shadowRows }];
    });
    const ofCallers = tables.filter(({ name }) => callerScopes.has(name)).map(({ rows }) => rows);
    this.#callers = new CallerRows(ofCallers);
    this.#scopes = tables.map(({ name, rows, shadowRows }) => {
      const callersTable = ofCallers.indexOf(rows);
      const callers = callersTable < 0 ? null : this.#callers;
      return { name, rows, shadowRows, callers, callersTable, key: null, generation: rows.generation, isFound: false, isRemembered: false };
    });
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
    this.#callers.turnTo(event);
    for (const scope of this.#scopes) {
      const key = scope.name === 'source+client' ? this.#callers.sourceClient : keyOf(scope.name, event);
      // Of a run of events of one key only the first is looked up.
      if (key !== scope.key || scope.generation !== scope.rows.generation) {
        scope.key = key;
        scope.generation = scope.rows.generation;
        scope.isFound = false;
      }
      scope.isRemembered = false;
    }
  }

  /** Only for those of `asked`. */
  wants(index: number, event: TokenEvent, context: Context): boolean {
    const running = this.#running[index] as Running;
    const { fates } = running;
    return (fates === 0 || (fates & context.fate) !== 0) && (running.wants === null || running.wants(event, context));
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
      finding = running.observe(event, running.records as never, running.values as never, context);
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
    for (const { scope: { key, rows }, shadowRows } of running.places) {
      if (shadowRows === null || key === null) continue;
      shadowRows.bind(shadowRows.row(shadowRowKey(shadowKey, key)));
      shadowRows.bytesOf(running.detector.id).set(rows.bytesOf(running.detector.id));
      shadowRows.markDirty();
    }
  }

  /** What deviated is accepted for one key: the real record takes over what the shadow learned, or is replaced by it. */
  acceptShadow(index: number, shadowKey: string, name: KeyScope, key: string): void {
    const running = this.#running[index] as Running;
    const { id, accept } = running.detector;
    const place = running.places.find(({ scope }) => scope.name === name);
    if (place === undefined || place.shadowRows === null) return;
    const { scope, shadowRows } = place;
    const shadowRow = shadowRows.find(shadowRowKey(shadowKey, key));
    if (shadowRow < 0) return;
    shadowRows.bind(shadowRow);
    scope.rows.bind(scope.rows.row(key));
    const merge = accept?.[name];
    if (merge === undefined) scope.rows.bytesOf(id).set(shadowRows.bytesOf(id));
    else merge(place.real as never, place.shadow as never);
    scope.rows.markDirty();
    // The event's own row is to be bound anew, and remembered as it is now.
    scope.isFound = false;
    scope.isRemembered = false;
    shadowRows.delete(shadowRowKey(shadowKey, key));
  }

  /** Records of one scope, and the shadows beside them: to be read and changed before the next event. */
  tables(name: KeyScope): { readonly rows: Rows | undefined; readonly shadows: Rows | undefined } {
    const scope = this.#scope(name);
    if (scope !== undefined) scope.isFound = false;
    return { rows: scope?.rows, shadows: scope?.shadowRows ?? undefined };
  }

  /** What deviated for one key is forgotten. */
  dropShadow(shadowKey: string, name: KeyScope, key: string): void {
    this.#scope(name)?.shadowRows?.delete(shadowRowKey(shadowKey, key));
  }

  /** Has anything of this key been seen? Only to be asked between events. */
  knows(name: KeyScope, key: string): boolean {
    return (this.#scope(name)?.rows.find(key) ?? -1) >= 0;
  }

  /** Forgets the records of a provisional key whose real owner became known. */
  forget(name: KeyScope, key: string): void {
    this.#scope(name)?.rows.delete(key);
  }

  #scope(name: KeyScope): Scope | undefined {
    return this.#scopes.find((scope) => scope.name === name);
  }

  #place({ detector, values }: ConfiguredDetector): Running {
    const places = this.#scopes.filter(({ name }) => detector.state[name] !== undefined).map((scope) => {
      const shadowRows = keepsShadow(detector, scope.name) ? scope.shadowRows : null;
      return { scope, real: scope.rows.cursor(detector.id), shadowRows, shadow: shadowRows?.cursor(detector.id) ?? null, shown: null };
    });
    const records = Object.fromEntries(places.map(({ scope }) => [scope.name, null]));
    return { detector, wants: detector.wants ?? null, observe: detector.observe, fates: detector.fates ?? 0, values, places, records };
  }

  /** Points the cursors at the event's rows, and remembers those as they are. */
  #bind(running: Running, shadowKey: string | null): void {
    const { places } = running;
    // All are looked up before any is copied: what is waited for of one comes while the next is looked up.
    if (shadowKey === null) for (let i = 0; i < places.length; i++) lookUp((places[i] as Place).scope);
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as Place;
      const { scope: { key, name }, shadowRows } = place;
      const isReal = shadowKey === null || shadowRows === null;
      if (key !== null && isReal) bindReal(place.scope);
      else if (key !== null) bindShadow(place, running.detector.id, shadowRowKey(shadowKey as string, key));
      const record = key === null ? null : isReal ? place.real : place.shadow;
      if (place.shown === record) continue;
      place.shown = record;
      running.records[name] = record;
    }
  }

  /** Keeps the update or takes it back, record by record. */
  #settle({ places, detector }: Running, inShadow: boolean, undoAll: boolean, found: boolean): void {
    for (let i = 0; i < places.length; i++) {
      const { scope, shadowRows } = places[i] as Place;
      if (scope.key === null) continue;
      const isShadowed = inShadow && shadowRows !== null;
      const rows = isShadowed ? shadowRows : scope.rows;
      if (undoAll || (found || inShadow) && !isShadowed) rows.takeBack(detector.id);
      else rows.markDirty();
    }
  }
}
