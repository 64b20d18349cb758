import type { TokenEvent } from '../src/model/event.ts';
import type { NumberArray } from '../src/model/state.ts';
import { addDistinct, distinctCount } from '../src/stats/distinct.ts';
import { combineHashes, hashOnce, hashText } from '../src/stats/hash.ts';
import { addContribution } from '../src/stats/heavy-hitters.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { raiseHigh } from '../src/stats/peak-book.ts';
import { firstOfHour, hourMemoryMs, measures, sharedMeasures, windowMs, windowsPerDay } from './egress-measures.ts';
import { forecastOf } from './egress-expected.ts';
import { addSize } from './egress-sizes.ts';
import type { EgressParameters, IdentityVolume } from './egress-records.ts';

/** Sums that are open, and the window that they are of. */
export interface Sums { window: number; readonly sums: NumberArray }
/** Who brought most of the open window and day. */
export interface Contributors {
  readonly windowKeys: Numbers; readonly windowWeights: NumberArray;
  readonly dayKeys: Numbers; readonly dayWeights: NumberArray;
}

// These take runs of numbers where they can, not records: each kind of record is a kind of object, and code that meets many kinds is slow.

/** Adds to the open window and day. */
export function add(open: NumberArray, bytes: number, requests: number): void {
  if (bytes > 0) {
    open.set(measures.windowBytes, open.get(measures.windowBytes) + bytes);
    open.set(measures.dayBytes, open.get(measures.dayBytes) + bytes);
  }
  if (requests > 0) {
    open.set(measures.windowRequests, open.get(measures.windowRequests) + requests);
    open.set(measures.dayRequests, open.get(measures.dayRequests) + requests);
  }
}

/** Today's highest follow what is open. */
export function raiseHighs(highs: Numbers, open: NumberArray): void {
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const sum = open.get(measure);
    if (sum > highs.get(measure)) highs.set(measure, sum);
  }
}

/** The same of an identity, whose day is held against the whole of others. */
export function raiseOwnHighs(identity: IdentityVolume): void {
  const { highs, sums } = identity;
  for (let measure = 0; measure < sharedMeasures; measure += 1) raiseHigh(highs, measure, judgedValue(identity, measure, sums.get(measure)));
}

/** A sum as it is held against peaks. */
export function judgedValue(identity: IdentityVolume, measure: number, value: number): number {
  return measure === measures.dayBytes && value > 0 ? forecastOf(identity, value) : value;
}

/** Back to nothing. */
export function clear(numbers: NumberArray): void {
  for (let index = 0; index < numbers.length; index += 1) numbers.set(index, 0);
}

/** A sum that fades, so that what is spread over an hour adds up wherever it begins. */
export function addToHour(identity: IdentityVolume, bytes: number, requests: number, atMs: number): void {
  const { hourSums, highs } = identity;
  const atSeconds = Math.floor(atMs / 1000);
  const keeps = atSeconds > identity.hourAtSeconds ? Math.exp((identity.hourAtSeconds - atSeconds) * 1000 / hourMemoryMs) : 1;
  if (atSeconds > identity.hourAtSeconds) identity.hourAtSeconds = atSeconds;
  const byBytes = hourSums.get(0) * keeps + bytes;
  const byRequests = hourSums.get(1) * keeps + requests;
  if (bytes > identity.largest) identity.largest = bytes;
  hourSums.set(0, byBytes);
  hourSums.set(1, byRequests);
  raiseHigh(highs, firstOfHour, byBytes);
  raiseHigh(highs, firstOfHour + 1, byRequests);
}

/** Adds a response to the run of sizes. */
export function countSize(identity: IdentityVolume, bytes: number): void {
  addSize(identity, bytes);
  raiseHigh(identity.highs, measures.sizes, identity.shift);
}

/** Distinct objects by the day. There are never more than requests: estimated once those are worth judging, and when the day is over. */
export function countObject(event: TokenEvent, identity: IdentityVolume, values: EgressParameters): void {
  if (event.urlPath === null && event.resourceId === null) return;
  const path = event.urlPath === null ? 0 : hashOnce(event.urlPath);
  const object = event.resourceId === null ? path : combineHashes(path, hashText(event.resourceId));
  if (addDistinct(identity, object) && identity.sums.get(measures.dayRequests) >= values.minimumRequests) {
    identity.dayObjects = distinctCount(identity);
  }
}

/** When the first event of the open window came, to the second. */
export function windowStartOf({ window, windowStartSecond }: IdentityVolume): number {
  return window * windowMs + windowStartSecond * 1000;
}

/** Never 0, which stands for nobody. Of the few tokens of an identity 16 bits tell one from another. */
export function shortHashOf(id: string | null): number {
  return id === null ? 0 : hashText(id) & 0xff_ff || 1;
}

/** Never 0, which stands for nobody. */
export function hashOf(id: string | null): number {
  return id === null ? 0 : hashText(id) || 1;
}

/** Notes who brought how much, by window and by day. */
export function contribute(record: Contributors, caller: number, weight: number): void {
  if (caller === 0 || weight === 0) return;
  addContribution(record.windowKeys, record.windowWeights, caller, weight);
  addContribution(record.dayKeys, record.dayWeights, caller, weight);
}

/** Day of a window, both counted since the epoch. */
export function dayOf(window: number): number {
  return Math.floor(window / windowsPerDay);
}
