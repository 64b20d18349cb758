import { Asked } from '../../src/engine/asked.ts';
import type { Context, Detector, KeyScope } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { StateLayout } from '../../src/model/state.ts';
import { layoutSize, makeRecord, type PlainRecord } from './plain-record.ts';

const durations: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
const byteUnits: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Parameter values as the engine hands them over: durations in ms, bytes as a number, `auto` as null. */
export function valuesOf(detector: Detector, settings: Readonly<Record<string, string | number>> = {}): Record<string, number | null> {
  const values: Record<string, number | null> = {};
  for (const [name, parameter] of Object.entries(detector.parameters)) {
    const given = settings[name] ?? parameter.default;
    const [, digits = '', unit = ''] = /^([\d.]+)(\w*)$/.exec(String(given)) ?? [];
    values[name] = given === 'auto' ? null : Number(digits) * (durations[unit] ?? byteUnits[unit] ?? 1);
  }
  return values;
}

/** What the engine's context would say, from a list of outages and the issuances noted. */
export interface World {
  readonly outages: readonly (readonly [number, number])[];
  readonly issued: ReadonlyMap<string, number>;
  /** Whatever else the context says. */
  readonly more?: Partial<Context>;
}
const quietWorld: World = { outages: [], issued: new Map() };

export interface Hit { readonly detector: string; readonly event: TokenEvent; readonly finding: Finding; readonly first: boolean }

const ownScopes: readonly KeyScope[] = ['token', 'identity', 'actor', 'source+client'];
const episodeMs = 864e5;
export interface Shadow { readonly saved: Map<number, Uint8Array>; lastHitMs: number }

export interface Mark { readonly rows: readonly (readonly [PlainRecord, Uint8Array])[]; readonly shadows: ReadonlyMap<string, Shadow> }

/** One detector over many keys, with the engine's semantics: undo on a finding, a shadow for what deviates. */
export class Harness {
  readonly detector: Detector;
  readonly values: Record<string, number | null>;
  private readonly world: World;
  private readonly watched: Watched;
  private readonly asked: Asked;
  private readonly records = new Map<KeyScope, Map<string, PlainRecord>>();
  private readonly shadows = new Map<string, Shadow>();
  private readonly scopes: KeyScope[];
  private readonly used: (PlainRecord | null)[] = [];
  private readonly passed: Record<string, object | null> = {};
  private readonly before: Uint8Array[];

  constructor(detector: Detector, settings: Readonly<Record<string, string | number>> = {}, world: World = quietWorld) {
    this.detector = detector;
    this.asked = new Asked([detector]);
    this.values = valuesOf(detector, settings);
    this.world = world;
    this.watched = watch(world);
    this.scopes = Object.keys(detector.state) as KeyScope[];
    this.before = this.scopes.map((scope) => new Uint8Array(layoutSize(this.layout(scope))));
  }

  observe(event: TokenEvent): Hit | null {
    this.watched.event = event;
    const { context } = this.watched;
    if (!this.isWanted(event, context)) return null;
    for (const [index, scope] of this.scopes.entries()) {
      const record = this.record(scope, event);
      this.used[index] = record;
      this.passed[scope] = record?.cursor ?? null;
      if (record !== null) this.before[index]?.set(record.bytes);
    }
    const shadow = this.openShadow(event);
    if (shadow !== null) for (const [index, saved] of shadow.saved) this.used[index]?.bytes.set(saved);
    const finding = this.detector.observe(event, this.passed as never, this.values as never, context);
    if (finding === null && shadow === null) return null;
    return this.settle(event, finding, shadow);
  }

  private isWanted(event: TokenEvent, context: Context): boolean {
    const { fates, wants } = this.detector;
    if (this.asked.about(event, context, false).length === 0 || fates !== undefined && (fates & context.fate) === 0) return false;
    return wants === undefined || wants(event, context);
  }

  /** Undoes the event in the real records and carries it on in a shadow. */
  private settle(event: TokenEvent, finding: Finding | null, shadow: Shadow | null): Hit | null {
    const saved = new Map<number, Uint8Array>();
    for (const [index, record] of this.used.entries()) {
      if (record === null) continue;
      if (ownScopes.includes(this.scopes[index] ?? 'account')) saved.set(index, record.bytes.slice());
      record.bytes.set(this.before[index]?.subarray(0, record.bytes.length) ?? []);
    }
    const lastHitMs = finding === null ? shadow?.lastHitMs ?? event.orderMs : event.orderMs;
    const key = finding === null ? this.shadowKey(event) : this.keyFor(event, finding.deviates);
    const known = this.shadows.has(key);
    this.shadows.set(key, { saved, lastHitMs });
    return finding === null ? null : { detector: this.detector.id, event, finding, first: !known };
  }

  /** All bytes of all records, for comparing runs. */
  dump(): string {
    const parts: string[] = [];
    for (const [scope, rows] of this.records) for (const [key, record] of rows) parts.push(`${scope}|${key}|${Buffer.from(record.bytes).toString('base64')}`);
    return parts.sort().join('\n');
  }

  /** A second harness with the same records, as after a checkpoint and a restart. */
  revived(): Harness {
    const other = new Harness(this.detector, {}, this.world);
    Object.assign(other.values, this.values);
    for (const [scope, rows] of this.records) {
      const copy = new Map<string, PlainRecord>();
      for (const [key, record] of rows) {
        const made = makeRecord(this.layout(scope));
        made.bytes.set(Buffer.from(Buffer.from(record.bytes).toString('base64'), 'base64'));
        copy.set(key, made);
      }
      other.records.set(scope, copy);
    }
    for (const [key, shadow] of this.shadows) other.shadows.set(key, { ...shadow });
    return other;
  }

  /** Everything as it is now, to come back to after a what-if. */
  mark(): Mark {
    const rows: [PlainRecord, Uint8Array][] = [];
    for (const records of this.records.values()) for (const record of records.values()) rows.push([record, record.bytes.slice()]);
    return { rows, shadows: new Map(this.shadows) };
  }

  /** Back to a mark. Records made since are gone. */
  reset(mark: Mark): void {
    const known = new Set(mark.rows.map(([record]) => record));
    for (const records of this.records.values()) for (const [key, record] of records) if (!known.has(record)) records.delete(key);
    for (const [record, bytes] of mark.rows) record.bytes.set(bytes);
    this.shadows.clear();
    for (const [key, shadow] of mark.shadows) this.shadows.set(key, shadow);
  }

  private layout(scope: KeyScope): StateLayout {
    const layout = this.detector.state[scope];
    if (layout === undefined) throw new Error(`no layout for ${scope}`);
    return layout;
  }

  private record(scope: KeyScope, event: TokenEvent): PlainRecord | null {
    const key = keyOf(scope, event);
    if (key === null) return null;
    let rows = this.records.get(scope);
    if (rows === undefined) this.records.set(scope, rows = new Map());
    let record = rows.get(key);
    if (record === undefined) rows.set(key, record = makeRecord(this.layout(scope)));
    return record;
  }

  private keyFor(event: TokenEvent, deviates: Finding['deviates']): string {
    return `${deviates}|${event.identityId}|${deviates === 'token' ? event.token : event.networkBlock}`;
  }

  private shadowKey(event: TokenEvent): string {
    const byToken = this.keyFor(event, 'token');
    return this.shadows.has(byToken) ? byToken : this.keyFor(event, 'network');
  }

  private openShadow(event: TokenEvent): Shadow | null {
    if (this.shadows.size === 0) return null;
    const key = this.shadowKey(event);
    const shadow = this.shadows.get(key);
    if (shadow === undefined) return null;
    if (event.orderMs - shadow.lastHitMs < episodeMs) return shadow;
    this.shadows.delete(key);
    return null;
  }
}

/** One context for all events, as making one for each takes longer than judging most. */
interface Watched { event: TokenEvent; readonly context: Context }

function watch(world: World): Watched {
  const issuedMs = (): number | undefined => (watched.event.token === null ? undefined : world.issued.get(watched.event.token));
  const context: Context = {
    get tokenIssuedMs() { return issuedMs() ?? null; },
    get tokenIssueSeen() { return issuedMs() !== undefined; },
    coveredMs: (fromMs) => {
      const { orderMs } = watched.event;
      let covered = orderMs - fromMs;
      for (const [start, end] of world.outages) covered -= Math.max(0, Math.min(end, orderMs) - Math.max(start, fromMs));
      return covered;
    },
    fate: 0, fateSinceMs: () => null, placeBefore: () => 'unknown', formerUseMs: null, theftSeenMs: null, bill: null, isOwnTarget: false, honeytoken: null, isKnown: true,
    incidentSinceMs: () => null, validationCacheMs: null, silence: null, mint: null, unissued: null, parentIsHuman: false, identitySinceMs: null, heardMs: () => null, ownUse: null, ...world.more,
  };
  const watched: Watched = { event: emptyEvent('ecs', 0), context };
  return watched;
}

export function keyOf(scope: KeyScope, event: TokenEvent): string | null {
  switch (scope) {
    case 'token': return event.token;
    case 'identity':
    case 'actor': return event.identityId;
    case 'resource': return event.resourceId ?? event.urlDomain;
    case 'workload': return event.workloadId;
    case 'account': return event.cloudAccount;
    case 'network': return event.networkBlock;
    case 'source+client': return event.networkBlock === null ? null : `${event.networkBlock}|${event.userAgent ?? ''}`;
  }
}
