import { RE2JS } from 're2js';
import { ExpressionError, maxTextLength } from './term.ts';

/** Larger programs could not be run over the longest text within the time that a rule has. */
const maxProgramSize = 96;
/** Steps for each instruction and character. */
const stepsEach = 0.6;

/** A regular expression that takes time linear in its text, whoever wrote either; `steps` is the most it can take. */
export interface Pattern { readonly steps: number; test(text: string): boolean }

/** Compiles RE2 syntax: no backreferences, no look-around. Throws `ExpressionError`. */
export function compilePattern(source: string, offset: number): Pattern {
  const compiled = compile(source, offset);
  const size = compiled.programSize();
  if (size > maxProgramSize) {
    const hint = `it has ${size} instructions, ${maxProgramSize} are allowed: repeat less, or use contains, startsWith, endsWith or in`;
    throw new ExpressionError('the pattern is too large', offset, hint);
  }
  return { steps: Math.ceil(size * maxTextLength * stepsEach), test: (text) => compiled.test(text) };
}

function compile(source: string, offset: number): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not understood';
    throw new ExpressionError(reason, offset, 'RE2 syntax, as for every program that takes linear time: no backreferences, no look-around');
  }
}
