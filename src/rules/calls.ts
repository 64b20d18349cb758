import { durationMs } from '../config/units.ts';
import { compilePattern } from './matching.ts';
import { binary, unary } from './operators.ts';
import { ExpressionError, maxTextLength, type Term, type TermType } from './term.ts';

/** Looking through the longest text once. */
const scanSteps = 200;

type TextTest = (text: string, part: string) => boolean;
const textTests: Readonly<Record<string, TextTest>> = {
  startsWith: (text, part) => text.startsWith(part), endsWith: (text, part) => text.endsWith(part), contains: (text, part) => text.includes(part),
};
const textChanges: Readonly<Record<string, (text: string) => string>> = {
  lowerAscii: (text) => text.toLowerCase(), upperAscii: (text) => text.toUpperCase(), trim: (text) => text.trim(),
};
/** In UTC. */
const timeParts: Readonly<Record<string, (time: Date) => number>> = {
  getHours: (time) => time.getUTCHours(), getMinutes: (time) => time.getUTCMinutes(), getDayOfWeek: (time) => time.getUTCDay(),
  getDate: (time) => time.getUTCDate(), getDayOfMonth: (time) => time.getUTCDate() - 1, getMonth: (time) => time.getUTCMonth(),
};
const durationParts: Readonly<Record<string, number>> = { getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1000, getMilliseconds: 1 };

const methods: Readonly<Record<TermType, readonly string[]>> = {
  text: [...Object.keys(textTests), 'matches', ...Object.keys(textChanges), 'size'],
  time: Object.keys(timeParts), duration: Object.keys(durationParts), texts: ['size', 'exists', 'all'], int: [], double: [], bool: [],
};

/** A method of a value that is no list. Throws `ExpressionError` for one that rules do not have. */
export function methodCall(name: string, receiver: Term, args: readonly Term[], offset: number): Term {
  const [first] = args;
  if (!methods[receiver.type].includes(name)) throw unknownMethod(name, receiver.type, offset);
  if (name === 'size') return size(receiver);
  if (name === 'matches') return matches(receiver, first, offset);
  if (name in textTests && first !== undefined) {
    return binary('bool', receiver, first, (text, part) => textTests[name]!(text as string, part as string), scanSteps);
  }
  if (first !== undefined) throw new ExpressionError(`${name} takes no argument here`, offset, 'times are in UTC');
  if (name in textChanges) return unary('text', receiver, (text) => textChanges[name]!(text as string), scanSteps);
  if (receiver.type === 'time') return unary('int', receiver, (time) => timeParts[name]!(new Date(time as number)), 20);
  return unary('int', receiver, (span) => Math.trunc((span as number) / durationParts[name]!), 1);
}

function unknownMethod(name: string, type: TermType, offset: number): ExpressionError {
  const known = methods[type].join(', ');
  return new ExpressionError(`rules have no ${name}() there`, offset, known === '' ? null : `known there: ${known}`);
}

/** Characters as people count them (code points), or elements. */
export function size(term: Term): Term {
  if (term.type === 'texts') return unary('int', term, (list) => (list as readonly string[]).length, 1);
  return unary('int', term, (text) => {
    let count = 0;
    for (let at = 0; at < (text as string).length; count++) at += (text as string).codePointAt(at)! > 0xffff ? 2 : 1;
    return count;
  }, maxTextLength);
}

function matches(receiver: Term, pattern: Term | undefined, offset: number): Term {
  if (typeof pattern?.constant !== 'string') throw new ExpressionError('matches needs a pattern that is written out', offset, 'matches("^svc-[0-9]+$")');
  const compiled = compilePattern(pattern.constant, offset);
  return unary('bool', receiver, (text) => compiled.test(text as string), compiled.steps);
}

/** `duration("36h")`, `timestamp("2026-03-31T00:00:00Z")`: a value that is written out. */
export function literalCall(name: 'duration' | 'timestamp', argument: Term | undefined, offset: number): Term {
  const written = argument?.constant;
  const isDuration = name === 'duration';
  const value = typeof written !== 'string' ? null : isDuration ? durationMs(written) : Date.parse(written);
  if (value === null || Number.isNaN(value)) {
    const hint = isDuration ? 'duration("90s"), ("36h"), ("14d")' : 'timestamp("2026-03-31T00:00:00Z")';
    throw new ExpressionError(`${name} needs a text that is written out`, offset, hint);
  }
  return { type: isDuration ? 'duration' : 'time', steps: 1, constant: value, run: () => value };
}
