import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Rows } from '../state/port.ts';
import { keyOf } from './keys.ts';

/** Each caller has one place, which the next one of that place takes over; a power of two. */
const places = 8192;
/** Characters that choose the place: the last of an id, and of a network those before what all end in, such as `.0/24`. */
const sampledOfId = 6;
const sampledOfNetwork = 3;
const commonEnd = 5;
const notKnown = -1;

/** Scopes whose keys follow from identity, network and program. */
export const callerScopes: ReadonlySet<KeyScope> = new Set(['identity', 'actor', 'source+client']);

/**
 * The rows of callers met lately. An identity, its network and its program come together again and again: one look here spares
 * one for each of their rows. A pure memo.
 */
export class CallerRows {
  readonly #tables: readonly Rows[];
  /** Of each place identity, network, program, and the key of the last two: together, so that a look touches one place in memory. */
  readonly #texts: (string | null)[] = Array.from({ length: 4 * places }, () => null);
  /** Of each place the tables' generations when its rows were found, then the rows. */
  readonly #rows: Int32Array;
  readonly #stride: number;
  #place = 0;

  /** Of `callerScopes`. */
  constructor(tables: readonly Rows[]) {
    this.#tables = tables;
    this.#stride = 1 + tables.length;
    this.#rows = new Int32Array(this.#stride * places).fill(notKnown);
  }

  /** The event's key in the scope `source+client`. */
  get sourceClient(): string | null {
    return this.#texts[4 * this.#place + 3] as string | null;
  }

  /** Everything else here is about the event's caller until the next call. */
  turnTo(event: TokenEvent): void {
    const { identityId, networkBlock, userAgent } = event;
    const place = this.#place = placeOf(identityId, networkBlock);
    const texts = this.#texts;
    const at = 4 * place;
    const rowsAt = this.#stride * place;
    const generation = this.#generation();
    const isSame = texts[at] === identityId && texts[at + 1] === networkBlock && texts[at + 2] === userAgent;
    if (isSame && this.#rows[rowsAt] === generation) return;
    texts[at] = identityId;
    texts[at + 1] = networkBlock;
    texts[at + 2] = userAgent;
    texts[at + 3] = keyOf('source+client', event);
    this.#rows[rowsAt] = generation;
    this.#rows.fill(notKnown, rowsAt + 1, rowsAt + this.#stride);
  }

  /** Binds the caller's row in one of the tables, by its number. The row is made where there is none. */
  bind(table: number, key: string): void {
    const rows = this.#tables[table] as Rows;
    const at = this.#stride * this.#place + 1 + table;
    let row = this.#rows[at] as number;
    if (row === notKnown) row = this.#rows[at] = rows.row(key);
    rows.bind(row);
  }

  /** Another number than before where any row number became invalid: none of them ever gets less. */
  #generation(): number {
    let sum = 0;
    for (let table = 0; table < this.#tables.length; table++) sum += (this.#tables[table] as Rows).generation;
    return sum | 0;
  }
}

function placeOf(identityId: string | null, network: string | null): number {
  const byId = identityId === null ? 0 : mixIn(identityId.length, identityId, identityId.length, sampledOfId);
  const hash = network === null ? byId : mixIn(byId, network, network.length - commonEnd, sampledOfNetwork);
  return (hash ^ hash >>> 15) & places - 1;
}

/** The last few characters before `end`. */
function mixIn(start: number, text: string, end: number, count: number): number {
  let hash = start;
  for (let at = Math.max(0, end - count); at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
