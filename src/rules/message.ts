import { compileExpression } from './compile.ts';
import { ExpressionError, type Frame, type Term } from './term.ts';

const maxShown = 120;
const units: readonly (readonly [number, string])[] = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], [1000, 'second']];

/** A sentence with `{field}` in it, as a function of what an event holds. Throws `ExpressionError`. */
export function compileMessage(text: string): (frame: Frame) => string {
  const parts: (string | Term)[] = [];
  let from = 0;
  for (const found of text.matchAll(/\{([^{}]*)\}/g)) {
    parts.push(text.slice(from, found.index), compilePart(found[1] as string, found.index + 1));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return (frame) => parts.map((part) => (typeof part === 'string' ? part : shown(part, frame))).join('');
}

/** An expression's value as a text; `unknown` where it is not known. Throws `ExpressionError`. */
export function compileText(expression: string): (frame: Frame) => string {
  const term = compilePart(expression, 0);
  return (frame) => shown(term, frame);
}

function compilePart(expression: string, offset: number): Term {
  try {
    const { term, memories } = compileExpression(expression);
    if (memories.length > 0) throw new ExpressionError('only "match" remembers', 0, null);
    return term;
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(error.message, offset + error.offset, error.hint);
    throw error;
  }
}

function shown(term: Term, frame: Frame): string {
  const value = term.run(frame);
  if (value === null) return 'unknown';
  if (term.type === 'duration') return durationInWords(value as number);
  if (term.type === 'time') return new Date(value as number).toISOString();
  const text = Array.isArray(value) ? value.join(', ') : String(value as string | number | boolean);
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

/** In the largest unit that leaves at least two of it. */
function durationInWords(durationMs: number): string {
  const unit = units.find(([unitMs]) => durationMs >= 2 * unitMs);
  return unit === undefined ? 'a moment' : `${Math.round(durationMs / unit[0])} ${unit[1]}s`;
}
