import type { TokenEvent } from '../model/event.ts';
import { defineState, f64, u16, u16s, u32, u32s, type Field, type NumberArray, type StateLayout } from '../model/state.ts';
import { combineHashes, hashText } from '../stats/hash.ts';
import { mergeSeen, noteSeen } from '../stats/recent-set.ts';
import { maxMemories, type Memory } from './compile.ts';
import { maxRemembered, type Frame, type RuleRecord } from './term.ts';

const dayMs = 86_400_000;
/** Names of the fields of each memory, made once. */
const [hashesOf, timesOf] = ['hashes', 'times'].map((name) => Array.from({ length: maxMemories }, (_, place) => `${name}${place}`)) as [string[], string[]];

/** How the rule came to know the key, and what it remembers for `baseline`. */
const baselineFields = {
  firstSecond: u32(), lastSecond: u32(), events: u32(), activeDays: u16(), lastDay: u16(),
  bytesEvents: u32(), sumBytes: f64(), largestBytes: f64(),
};

/**
 * The record that a rule keeps for one key. `meaning` is a number made of what the rule says, so that another rule under the same id begins
 * anew instead of taking over what was remembered of something else.
 */
export function recordLayout(memories: readonly Memory[], meaning: number): StateLayout {
  const fields: Record<string, Field> = { ...baselineFields };
  memories.forEach(({ kind }, place) => {
    fields[hashesOf[place] as string] = u32s(maxRemembered);
    // By day is enough to know who gives way; what is counted within an hour needs the second.
    fields[timesOf[place] as string] = kind === 'firstSeen' ? u16s(maxRemembered) : u32s(maxRemembered);
  });
  return defineState(fields, meaning);
}

/** Notes the event in the rule's memories, and puts what each says of it into `frame.answers`. */
export function remember(memories: readonly Memory[], frame: Frame): void {
  for (let place = 0; place < memories.length; place++) {
    frame.answers[place] = frame.record === null ? null : answer(memories[place] as Memory, place, frame, frame.record);
  }
}

function answer(memory: Memory, place: number, frame: Frame, record: RuleRecord): number | boolean | null {
  const hash = hashOf(memory, frame);
  if (hash === null) return null;
  const hashes = record[hashesOf[place] as string] as NumberArray;
  const times = record[timesOf[place] as string] as NumberArray;
  if (memory.kind === 'firstSeen') return noteSeen(hashes, times, hash, dayOf(frame.event)) === 0;
  const second = secondOf(frame.event);
  noteSeen(hashes, times, hash, second);
  const after = second - memory.withinMs / 1000;
  let count = 0;
  for (let slot = 0; slot < times.length; slot++) if (times.get(slot) > Math.max(0, after)) count++;
  return count;
}

/** Of all values in turn; `null` where one is absent. */
function hashOf({ values }: Memory, frame: Frame): number | null {
  let hash = 0;
  for (const value of values) {
    const found = value.run(frame);
    if (found === null) return null;
    hash = combineHashes(hash, hashText(typeof found === 'string' ? found : String(found as number | boolean)));
  }
  return hash;
}

/** Adds the event to what `baseline` tells, once it was judged. */
export function learn(record: RuleRecord, event: TokenEvent): void {
  const second = secondOf(event);
  const day = dayOf(event);
  if (record['firstSecond'] === 0) record['firstSecond'] = second;
  if (second > (record['lastSecond'] as number)) record['lastSecond'] = second;
  if (day > (record['lastDay'] as number)) {
    record['lastDay'] = day;
    (record['activeDays'] as number)++;
  }
  (record['events'] as number)++;
  if (event.bytesOut === null) return;
  (record['bytesEvents'] as number)++;
  (record['sumBytes'] as number) += event.bytesOut;
  record['largestBytes'] = Math.max(record['largestBytes'] as number, event.bytesOut);
}

/** What deviated is accepted: the record takes over what the copy that learned it knows beyond it. Both began as one. */
export function accept(memories: readonly Memory[], record: RuleRecord, shadow: RuleRecord): void {
  for (const name of Object.keys(baselineFields)) {
    const [own, other] = [record[name] as number, shadow[name] as number];
    record[name] = name === 'firstSecond' && own > 0 && other > 0 ? Math.min(own, other) : Math.max(own, other);
  }
  memories.forEach((_, place) => mergeSeen(
    record[hashesOf[place] as string] as NumberArray, record[timesOf[place] as string] as NumberArray,
    shadow[hashesOf[place] as string] as NumberArray, shadow[timesOf[place] as string] as NumberArray,
  ));
}

/** Never below 1, so that 0 can mean "not yet"; never beyond what its field holds. */
function secondOf({ orderMs }: TokenEvent): number {
  return Math.min(0xffff_ffff, Math.max(1, Math.floor(orderMs / 1000)));
}

function dayOf({ orderMs }: TokenEvent): number {
  return Math.min(0xffff, Math.max(1, Math.floor(orderMs / dayMs)));
}
