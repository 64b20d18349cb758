import { Correlator, type Correlated } from '../../src/correlate/correlator.ts';
import type { CorrelatorOptions } from '../../src/correlate/options.ts';
import { openCorrelateState } from '../../src/correlate/state.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { State, type StateOptions } from '../../src/state/state.ts';
import type { Checkpoint, StateStore } from '../../src/store/port.ts';

/** A store in memory: what was written last, as bytes. */
export class MemoryStore implements StateStore {
  readonly #rows = new Map<string, Map<string, { layout: string; bytes: Uint8Array }>>();
  readonly #entities = new Map<string, Map<string, Uint8Array>>();

  async write(checkpoint: Checkpoint): Promise<void> {
    for (const copy of checkpoint.rows) {
      const table = this.#rows.get(copy.scope) ?? new Map<string, { layout: string; bytes: Uint8Array }>();
      this.#rows.set(copy.scope, table);
      for (let at = 0; at < copy.deleted.length; at += 8) table.delete(hex(copy.deleted.subarray(at, at + 8)));
      for (let i = 0; i < copy.count; i++) {
        const bytes = copy.rows.slice(i * copy.rowLength, (i + 1) * copy.rowLength);
        table.set(hex(copy.keys.subarray(i * 8, i * 8 + 8)), { layout: copy.layout, bytes });
      }
    }
    for (const { kind, key, bytes } of checkpoint.entities) {
      const entities = this.#entities.get(kind) ?? new Map<string, Uint8Array>();
      this.#entities.set(kind, entities);
      if (bytes === null) entities.delete(key);
      else entities.set(key, bytes);
    }
  }

  row(scope: string, key: Uint8Array): { layout: string; bytes: Uint8Array } | null {
    return this.#rows.get(scope)?.get(hex(key)) ?? null;
  }

  *rows(scope: string): Iterable<{ key: Uint8Array; layout: string; bytes: Uint8Array }> {
    for (const [key, row] of this.#rows.get(scope) ?? []) yield { key: Buffer.from(key, 'hex'), ...row };
  }

  entity(kind: string, key: string): Uint8Array | null {
    return this.#entities.get(kind)?.get(key) ?? null;
  }

  *entities(kind: string): Iterable<[string, Uint8Array]> {
    yield* this.#entities.get(kind) ?? [];
  }

  positions(): Map<string, string> {
    return new Map();
  }

  change(): number {
    return 0;
  }

  async close(): Promise<void> {}
}

/** A correlator over a store, which can be stopped and started again. */
export class Bench {
  readonly store = new MemoryStore();
  state: State;
  correlator: Correlator;
  readonly #options: CorrelatorOptions;
  readonly #stateOptions: StateOptions;

  constructor(options: CorrelatorOptions = {}, stateOptions: StateOptions = {}) {
    this.#options = options;
    this.#stateOptions = stateOptions;
    this.state = this.#open();
    this.correlator = new Correlator(openCorrelateState(this.state), options);
  }

  async checkpoint(): Promise<void> {
    await this.store.write({ change: 1, positions: new Map(), ...this.state.takeDirty() });
    this.state.done();
  }

  /** Checkpoint, then everything anew from the store. */
  async restart(): Promise<void> {
    await this.checkpoint();
    this.state = this.#open();
    this.correlator = new Correlator(openCorrelateState(this.state), this.#options);
  }

  #open(): State {
    return new State(this.store, { a: 1, b: 2 }, this.#stateOptions);
  }
}

export const second = 1000;
export const startMs = Date.UTC(2026, 0, 5, 8);

/** A fingerprint as ingest makes them, from a readable name. */
export function fingerprint(name: string): string {
  return `k1AB.${Buffer.from(name.padEnd(16, '.')).subarray(0, 16).toString('base64url')}`;
}

/** A verified successful use, unless told otherwise. Times are seconds after `startMs`. */
export function use(token: string | null, atSeconds: number, more: Partial<TokenEvent> = {}): TokenEvent {
  const event = emptyEvent('test', startMs + atSeconds * second);
  event.id = `${token}/${atSeconds}`;
  event.outcome = 'success';
  event.authenticated = true;
  event.token = token === null ? null : fingerprint(token);
  event.tokenKind = token === null ? 'none' : 'jwt';
  return Object.assign(event, more);
}

/** An issuance of `issued` on presentation of `token`. */
export function issuance(issued: string, token: string | null, atSeconds: number, more: Partial<TokenEvent> = {}): TokenEvent {
  return use(token, atSeconds, { lifecycle: 'issued', issued: fingerprint(issued), issuedKind: 'jwt', vantage: 'iam', ...more });
}

/** A copy of a result that stays when the correlator goes on. */
export function snapshot({ event, released, bound }: Correlated): Correlated {
  return structuredClone({ event, released, bound });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
