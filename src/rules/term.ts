import type { Context } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { NumberArray } from '../model/state.ts';

/** Times and durations are numbers of milliseconds; `null` is what is not known, and goes through an expression as in CEL an error does. */
export type Value = string | number | boolean | readonly string[] | null;
export type TermType = 'text' | 'int' | 'double' | 'bool' | 'time' | 'duration' | 'texts';

/** What a rule keeps for one key: counters, and the arrays of its memories. */
export type RuleRecord = Record<string, number | NumberArray>;

/** What an expression is about: one object for each rule, turned to one event after the other. */
export interface Frame {
  event: TokenEvent;
  /** Not asked by `where`, which is decided before anything is looked up. */
  context: Context | null;
  /** As it was before this event; `null` where the rule keeps none, or the event has no key. */
  record: RuleRecord | null;
  /** What each memory of the rule says about the event. */
  readonly answers: (number | boolean | null)[];
  /** Elements that `exists` and `all` look at, innermost last. */
  readonly locals: (string | null)[];
}

/** A part of an expression, ready to be evaluated. */
export interface Term {
  readonly type: TermType;
  /** Most steps that one evaluation can take; a step is at most 10 ns. */
  readonly steps: number;
  /** Its value where that does not depend on the event. */
  readonly constant?: Value;
  /** The largest number that it can be. */
  readonly most?: number;
  run(frame: Frame): Value;
}

/** An expression cannot be used; `offset` counts characters from its start. */
export class ExpressionError extends Error {
  readonly offset: number;
  readonly hint: string | null;

  constructor(message: string, offset: number, hint: string | null = null) {
    super(message);
    this.name = 'ExpressionError';
    this.offset = offset;
    this.hint = hint;
  }
}

/** Of longer texts expressions see the beginning, so that every operation has a bound. */
export const maxTextLength = 512;
/** As many elements as lists of events hold. */
export const maxListLength = 64;
/** Different values that `firstSeen` and `countDistinct` remember for one key; then the one not seen for longest gives way. */
export const maxRemembered = 64;
