import { ecsFields, type EcsKind } from '../model/ecs.ts';
import type { TokenEvent } from '../model/event.ts';
import { fates } from '../model/fate.ts';
import { maxTextLength, type Frame, type TermType, type Value } from './term.ts';

/** What an expression can name. */
export interface RuleField {
  readonly path: readonly string[];
  readonly type: TermType;
  /** `event`: what the record says; `context`: what earlier records say; `record`: what the rule itself remembers. */
  readonly from: 'event' | 'context' | 'record';
  read(frame: Frame): Value;
}

const typeOfKind: Readonly<Record<EcsKind, TermType>> = { text: 'text', number: 'int', boolean: 'bool', time: 'time', texts: 'texts', amount: 'double' };

/** The event under the names that documents in ECS have, the same that alerts and `--events` show; when it began is `event.start`. */
const eventFields: readonly RuleField[] = [
  ...ecsFields.map(({ field, path, kind }): RuleField => ({
    path: path[0] === '@timestamp' ? ['event', 'start'] : path, type: typeOfKind[kind], from: 'event', read: reader(field, kind),
  })),
  ofEvent('identity.id', 'identityId'), ofEvent('identity.kind', 'identityKind'), ofEvent('identity.name', 'identityName'),
];

function ofEvent(dotted: string, field: keyof TokenEvent): RuleField {
  return { path: dotted.split('.'), type: 'text', from: 'event', read: reader(field, 'text') };
}

function reader(field: keyof TokenEvent, kind: EcsKind): RuleField['read'] {
  if (kind !== 'text') return ({ event }) => event[field];
  return ({ event }) => {
    const value = event[field] as string | null;
    return value !== null && value.length > maxTextLength ? value.slice(0, maxTextLength) : value;
  };
}

/** What became of the token, and what is going on around it. */
const contextFields: readonly RuleField[] = [
  context('token.age', 'duration', ({ event, context: known }) => since(event.timeMs, known?.tokenIssuedMs)),
  context('token.silence', 'duration', ({ event, context: known }) => since(event.timeMs, known?.formerUseMs)),
  fate('token.is_revoked', fates.revoked), fate('token.is_rotated', fates.rotated | fates.exchanged), fate('token.is_leaked', fates.leaked),
  fate('token.is_honeytoken', fates.honeytoken), fate('identity.has_left', fates.offboarded), fate('identity.is_gone', fates.gone),
  context('identity.is_known', 'bool', ({ context: known }) => known?.isKnown ?? null),
];

function context(dotted: string, type: TermType, read: RuleField['read']): RuleField {
  return { path: dotted.split('.'), type, from: 'context', read };
}

function fate(dotted: string, bits: number): RuleField {
  return context(dotted, 'bool', ({ context: known }) => (known === null ? null : (known.fate & bits) !== 0));
}

/** What the rule saw of the key before this event. */
const recordFields: readonly RuleField[] = [
  record('age', 'duration', ({ event, record: kept }) => since(event.orderMs, msOf(kept?.['firstSecond']))),
  record('silence', 'duration', ({ event, record: kept }) => since(event.orderMs, msOf(kept?.['lastSecond']))),
  record('events', 'int', ({ record: kept }) => (kept?.['events'] as number | undefined) ?? null),
  record('active_days', 'int', ({ record: kept }) => (kept?.['activeDays'] as number | undefined) ?? null),
  record('largest_bytes_out', 'int', ({ record: kept }) => told(kept?.['bytesEvents'], kept?.['largestBytes'])),
  record('mean_bytes_out', 'double', ({ record: kept }) => {
    const events = kept?.['bytesEvents'] as number | undefined;
    return events === undefined || events === 0 ? null : (kept?.['sumBytes'] as number) / events;
  }),
];

function record(name: string, type: TermType, read: RuleField['read']): RuleField {
  return { path: ['baseline', name], type, from: 'record', read };
}

function since(nowMs: number, thenMs: number | null | undefined): number | null {
  return thenMs === null || thenMs === undefined ? null : Math.max(0, nowMs - thenMs);
}

/** 0 stands for "not yet". */
function msOf(second: unknown): number | null {
  return typeof second === 'number' && second > 0 ? second * 1000 : null;
}

function told(events: unknown, value: unknown): number | null {
  return typeof events === 'number' && events > 0 ? value as number : null;
}

export const ruleFields: readonly RuleField[] = [...eventFields, ...contextFields, ...recordFields];

const byPath = new Map(ruleFields.map((field) => [field.path.join('.'), field]));

export function fieldOf(path: readonly string[]): RuleField | undefined {
  return byPath.get(path.join('.'));
}
