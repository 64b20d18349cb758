import { useTraits, weekSeconds } from '../model/credential.ts';
import type { TokenEvent } from '../model/event.ts';
import type { UseRecord } from './state.ts';

const { read, write, attested, claimed, asserted } = useTraits;
const reading = /^(?:get|list|describe|head|read|lookup|query|scan|select|search|batchget|view|download|check)/i;
/** Bits of one word. */
const wordBits = 32;

/** What one verified use tells of its kind and of the proof of its origin: bits of `useTraits`. */
export function traitsOf(event: TokenEvent, namesWorkload: boolean): number {
  const { method, action } = event;
  let traits = 0;
  if (method !== null) traits = method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? read : write;
  else if (action !== null) traits = reading.test(action.slice(action.lastIndexOf('.') + 1)) ? read : write;
  if (event.boundTo !== null || event.tokenKind === 'certificate') return traits | attested;
  if (!namesWorkload) return traits;
  if (event.workloadKind === 'spiffe') return traits | attested;
  return traits | (event.tokenKind === 'jwt' || event.tokenKind === 'kubernetes' ? claimed : asserted);
}

/** Sets the bit of a use's week. To be called before `lastSeconds` is raised: bit 0 is the week of that. */
export function noteWeek(record: UseRecord, seconds: number): void {
  const ahead = Math.floor(seconds / weekSeconds) - Math.floor(record.lastSeconds / weekSeconds);
  if (ahead === 0) {
    if ((record.weeksA & 1) === 0) record.weeksA |= 1;
    return;
  }
  if (ahead > 0) move(record, ahead);
  else if (ahead > -wordBits) record.weeksA = (record.weeksA | 1 << -ahead) >>> 0;
  else if (ahead > -2 * wordBits) record.weeksB = (record.weeksB | 1 << -ahead - wordBits) >>> 0;
}

/** The newest week is so many further on. */
function move(record: UseRecord, weeks: number): void {
  // What an older version saved has no bits: its last use is known all the same.
  const { weeksA, weeksB } = record;
  const newer = weeksA | 1;
  record.weeksA = ((weeks < wordBits ? newer << weeks : 0) | 1) >>> 0;
  const older = weeks < wordBits ? weeksB << weeks | newer >>> wordBits - weeks : weeks < 2 * wordBits ? newer << weeks - wordBits : 0;
  record.weeksB = older >>> 0;
}
