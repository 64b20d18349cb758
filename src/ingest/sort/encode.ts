import { emptyEvent } from '../../model/event.ts';
import type { TokenEvent } from '../../model/event.ts';

/** Changes whenever the meaning of an encoded event does; the names of its fields are checked beside it. */
const version = 1;

type Field = keyof TokenEvent;
const empty = emptyEvent('', 0) as unknown as Readonly<Record<Field, unknown>>;
const fields = Object.keys(empty) as Field[];
/** Tells encodings of another set or order of fields apart: a small checksum over their names. */
const layout = Buffer.from(fields.join()).reduce((sum, byte) => (sum * 31 + byte) >>> 0, version);

/**
 * One event as one line of text without its newline: a JSON array of a mark of version and layout, then place and
 * value of each field, in the order of `emptyEvent`, that is not as it is there. Numbers must be finite.
 */
export function encodeEvent(event: TokenEvent): string {
  const values: unknown[] = [layout];
  for (let place = 0; place < fields.length; place++) {
    const field = fields[place]!;
    const value: unknown = event[field];
    if (value !== empty[field]) values.push(place, value);
  }
  return JSON.stringify(values);
}

/** The event that `encodeEvent` wrote. Throws on text of another version or layout. */
export function decodeEvent(text: string): TokenEvent {
  const values = JSON.parse(text) as unknown[];
  if (values[0] !== layout) throw new Error('An encoded event is of another version.');
  const event = emptyEvent('', 0) as unknown as Record<Field, unknown>;
  for (let at = 1; at < values.length; at += 2) event[fields[values[at] as number]!] = values[at + 1];
  return event as unknown as TokenEvent;
}
