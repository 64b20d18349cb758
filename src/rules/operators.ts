import { ExpressionError, maxTextLength, type Frame, type Term, type TermType, type Value } from './term.ts';

/** Comparing two texts to their ends. */
const textSteps = Math.ceil(maxTextLength / 64);

/** Three-valued, as in CEL: what is not known decides nothing, unless the other side decides alone. */
export function and(left: Term, right: Term): Term {
  return {
    type: 'bool', steps: left.steps + right.steps + 1,
    run: (frame) => {
      const first = left.run(frame);
      if (first === false) return false;
      const second = right.run(frame);
      return second === false ? false : first === null ? null : second;
    },
  };
}

export function or(left: Term, right: Term): Term {
  return {
    type: 'bool', steps: left.steps + right.steps + 1,
    run: (frame) => {
      const first = left.run(frame);
      if (first === true) return true;
      const second = right.run(frame);
      return second === true ? true : first === null ? null : second;
    },
  };
}

export function not(term: Term): Term {
  return {
    type: 'bool', steps: term.steps + 1,
    run: (frame) => {
      const value = term.run(frame);
      return value === null ? null : value !== true;
    },
  };
}

export function choice(condition: Term, then: Term, otherwise: Term): Term {
  return {
    type: then.type, steps: condition.steps + Math.max(then.steps, otherwise.steps) + 1,
    run: (frame) => {
      const chosen = condition.run(frame);
      return chosen === null ? null : chosen === true ? then.run(frame) : otherwise.run(frame);
    },
  };
}

type Compare = (left: never, right: never) => boolean;
const comparisons: Readonly<Record<string, Compare>> = {
  '==': (left, right) => left === right, '!=': (left, right) => left !== right,
  '<': (left, right) => left < right, '<=': (left, right) => left <= right, '>': (left, right) => left > right, '>=': (left, right) => left >= right,
};

/** Throws `ExpressionError` for lists, which have no order and no cheap equality. */
export function comparison(operator: string, left: Term, right: Term, offset: number): Term {
  if (left.type === 'texts' || right.type === 'texts') {
    throw new ExpressionError('lists cannot be compared', offset, 'ask for elements: "admin" in a.b, or a.b.exists(x, …)');
  }
  if (neverReached(operator, left, right)) throw new ExpressionError(`never true: it counts to ${left.most}`, offset, null);
  const compare = comparisons[operator] as Compare;
  return binary('bool', left, right, (a, b) => compare(a as never, b as never), left.type === 'text' ? textSteps : 1);
}

/** A rule that cannot alert would look like a protection that is not there. */
function neverReached(operator: string, { most }: Term, { constant }: Term): boolean {
  if (most === undefined || typeof constant !== 'number') return false;
  return operator === '>' ? constant >= most : (operator === '>=' || operator === '==') && constant > most;
}

type Arithmetic = (left: number, right: number) => number;
const arithmetics: Readonly<Record<string, Arithmetic>> = {
  '+': (left, right) => left + right, '-': (left, right) => left - right, '*': (left, right) => left * right,
  '/': (left, right) => left / right, '%': (left, right) => left % right,
};

/** Whole numbers divide to whole ones, as in CEL. What is no finite number (a division by 0) is not known. */
export function arithmetic(operator: string, left: Term, right: Term, offset: number): Term {
  if (left.type === 'text' || left.type === 'texts') {
    throw new ExpressionError('texts and lists cannot be joined', offset, 'firstSeen and countDistinct take several values: firstSeen(user.id, source.ip)');
  }
  const compute = arithmetics[operator] as Arithmetic;
  const isWhole = left.type === 'int' && operator === '/';
  return binary(resultType(operator, left.type, right.type), left, right, (a, b) => {
    const result = compute(a as number, b as number);
    return Number.isFinite(result) ? isWhole ? Math.trunc(result) : result : null;
  }, 1);
}

function resultType(operator: string, left: TermType, right: TermType): TermType {
  if (left === 'time' && right === 'time') return 'duration';
  if (left === 'time' || right === 'time') return 'time';
  return operator === '-' || operator === '+' || left !== 'int' ? left : right;
}

export function negative(term: Term): Term {
  return unary(term.type, term, (value) => -(value as number), 1);
}

/** Is the left value among the right ones? */
export function membership(left: Term, right: Term): Term {
  const fixed = right.constant;
  if (Array.isArray(fixed)) {
    const members = new Set<unknown>(fixed);
    return unary('bool', left, (value) => members.has(value), textSteps + 4);
  }
  return binary('bool', left, right, (value, list) => (list as readonly unknown[]).includes(value), 64 * textSteps);
}

/** Not known where the operand is not. */
export function unary(type: TermType, term: Term, compute: (value: NonNullable<Value>) => Value, steps: number): Term {
  return {
    type, steps: term.steps + steps,
    run: (frame) => {
      const value = term.run(frame);
      return value === null ? null : compute(value);
    },
  };
}

/** Not known where one of the operands is not. */
export function binary(type: TermType, left: Term, right: Term, compute: (a: NonNullable<Value>, b: NonNullable<Value>) => Value, steps: number): Term {
  return {
    type, steps: left.steps + right.steps + steps + 1,
    run: (frame: Frame) => {
      const a = left.run(frame);
      if (a === null) return null;
      const b = right.run(frame);
      return b === null ? null : compute(a, b);
    },
  };
}
