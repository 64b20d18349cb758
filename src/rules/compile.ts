import { literalCall, methodCall, size } from './calls.ts';
import { fieldOf, type RuleField } from './fields.ts';
import { parseExpression, type ASTNode } from './language.ts';
import { and, arithmetic, choice, comparison, membership, negative, not, or } from './operators.ts';
import { ExpressionError, maxListLength, maxRemembered, type Frame, type Term, type TermType, type Value } from './term.ts';

/** `firstSeen(values)`, or `countDistinct(values, within)`: what the rule remembers of every event that passes `where`. */
export interface Memory {
  readonly kind: 'firstSeen' | 'countDistinct';
  readonly values: readonly Term[];
  /** 0 for `firstSeen`. */
  readonly withinMs: number;
}

export interface Compiled {
  readonly term: Term;
  readonly memories: readonly Memory[];
  /** Where what it names comes from. */
  readonly sources: ReadonlySet<RuleField['from']>;
}

/** In one rule. */
export const maxMemories = 4;
const binaryOperators = new Set(['+', '-', '*', '/', '%']);
const comparisonOperators = new Set(['==', '!=', '<', '<=', '>', '>=']);

/**
 * Makes a CEL expression ready to be evaluated over events. Grammar and types are those of the CEL library; evaluation is our own, because
 * nearly every field of an event may be absent (there an exception each), whole numbers are BigInts there, and its patterns may take
 * exponential time. What is absent makes its part of the expression unknown, as errors do in CEL. Throws `ExpressionError`.
 */
export function compileExpression(text: string): Compiled {
  const compiler = new Compiler();
  const term = compiler.term(parseExpression(text));
  return { term, memories: compiler.memories, sources: compiler.sources };
}

class Compiler {
  readonly memories: Memory[] = [];
  readonly sources = new Set<RuleField['from']>();
  /** Names of the elements that enclosing `exists` and `all` look at. */
  readonly #locals: string[] = [];

  term(node: ASTNode): Term {
    if (binaryOperators.has(node.op)) return this.#pair(node, arithmetic);
    if (comparisonOperators.has(node.op)) return this.#pair(node, comparison);
    switch (node.op) {
      case 'value': return literal(node.args, node.start);
      case 'id': case '.': return this.#named(node);
      case '&&': return this.#pair(node, (_, left, right) => and(left, right));
      case '||': return this.#pair(node, (_, left, right) => or(left, right));
      case 'in': return this.#pair(node, (_, left, right) => membership(left, right));
      case '!_': return not(this.term(node.args));
      case '-_': return negative(this.term(node.args));
      case '?:': return choice(this.term(node.args[0]), this.term(node.args[1]), this.term(node.args[2]));
      case 'list': return list(node.args.map((element) => this.term(element)), node.start);
      case 'call': return this.#call(node.args[0], node.args[1], node.start);
      case 'rcall': return this.#method(node.args[0], node.args[1], node.args[2], node.start);
      default: throw new ExpressionError(`rules have no "${node.op}"`, node.pos, null);
    }
  }

  #pair(node: ASTNode, make: (operator: string, left: Term, right: Term, offset: number) => Term): Term {
    const [left, right] = node.args as [ASTNode, ASTNode];
    return make(node.op, this.term(left), this.term(right), node.pos);
  }

  #named(node: ASTNode): Term {
    const path = pathOf(node);
    const place = path.length === 1 ? this.#locals.lastIndexOf(path[0] as string) : -1;
    if (place >= 0) return { type: 'text', steps: 1, run: ({ locals }) => locals[place] ?? null };
    const field = this.#field(path, node.pos);
    return { type: field.type, steps: 2, run: (frame) => field.read(frame) };
  }

  #field(path: readonly string[], offset: number): RuleField {
    const field = fieldOf(path);
    if (field === undefined) throw new ExpressionError(`"${path.join('.')}" is a group of fields`, offset, 'name one of them');
    this.sources.add(field.from);
    return field;
  }

  #call(name: string, args: readonly ASTNode[], offset: number): Term {
    switch (name) {
      case 'has': return has(this.#field(pathOf(args[0] as ASTNode), offset));
      case 'size': return size(this.term(args[0] as ASTNode));
      case 'duration': case 'timestamp': return literalCall(name, args[0] === undefined ? undefined : this.term(args[0]), offset);
      case 'firstSeen': return this.#remember({ kind: name, values: args.map((value) => this.#value(value)), withinMs: 0 }, offset);
      case 'countDistinct': return this.#countDistinct(args, offset);
      default: throw new ExpressionError(`rules have no ${name}()`, offset, 'known: has, size, duration, timestamp, firstSeen, countDistinct');
    }
  }

  #countDistinct(args: readonly ASTNode[], offset: number): Term {
    const within = this.term(args.at(-1) as ASTNode).constant;
    if (typeof within !== 'number' || within <= 0) {
      throw new ExpressionError('countDistinct needs a duration', offset, 'countDistinct(source.ip, duration("1h"))');
    }
    return this.#remember({ kind: 'countDistinct', values: args.slice(0, -1).map((value) => this.#value(value)), withinMs: within }, offset);
  }

  #value(node: ASTNode): Term {
    const term = this.term(node);
    if (term.type === 'texts') throw new ExpressionError('a list is no single value', node.start, null);
    return term;
  }

  #remember(memory: Memory, offset: number): Term {
    if (this.#locals.length > 0) throw new ExpressionError(`${memory.kind} cannot stand inside exists or all`, offset, null);
    if (this.memories.length >= maxMemories) throw new ExpressionError(`more than ${maxMemories} memories in one rule`, offset, 'make two rules of it');
    const place = this.memories.push(memory) - 1;
    const steps = 200 + memory.values.reduce((sum, { steps: each }) => sum + each + 150, 0);
    const run: Term['run'] = ({ answers }) => answers[place] ?? null;
    return memory.kind === 'firstSeen' ? { type: 'bool', steps, run } : { type: 'int', steps, run, most: maxRemembered };
  }

  #method(name: string, receiver: ASTNode, args: readonly ASTNode[], offset: number): Term {
    if (name !== 'exists' && name !== 'all') return methodCall(name, this.term(receiver), args.map((arg) => this.term(arg)), offset);
    const list = this.term(receiver);
    this.#locals.push(pathOf(args[0] as ASTNode)[0] as string);
    const term = quantifier(list, this.term(args[1] as ASTNode), this.#locals.length - 1, name === 'exists');
    this.#locals.pop();
    return term;
  }
}

function pathOf(node: ASTNode): string[] {
  if (node.op === 'id') return [node.args];
  if (node.op === '.') return [...pathOf(node.args[0]), node.args[1]];
  throw new ExpressionError('expected the name of a field', node.start, 'such as source.ip');
}

function has(field: RuleField): Term {
  return { type: 'bool', steps: 2, run: (frame) => field.read(frame) !== null };
}

function literal(value: unknown, offset: number): Term {
  if (typeof value === 'bigint' && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)) {
    throw new ExpressionError('the number is too large', offset, null);
  }
  const plain = typeof value === 'bigint' ? Number(value) : value;
  const type = typeof value === 'bigint' ? 'int' : typesOfLiterals[typeof value];
  if (type === undefined) throw new ExpressionError('rules have texts, numbers, true and false', offset, 'for what is absent there is has(source.ip)');
  return { type, steps: 1, constant: plain as Value, run: () => plain as Value };
}

const typesOfLiterals: Readonly<Record<string, TermType>> = { string: 'text', number: 'double', boolean: 'bool' };

function list(elements: readonly Term[], offset: number): Term {
  const values = elements.map(({ constant }) => constant);
  if (values.some((value) => value === undefined)) {
    throw new ExpressionError('elements of a list must be written out', offset, 'event.action in ["Create", "Delete"]');
  }
  const constant = values as unknown as readonly string[];
  return { type: 'texts', steps: 1, constant, run: () => constant };
}

/** `exists`: true if one is; `all`: false if one is. Not known where one is not known and none decides. */
function quantifier(over: Term, body: Term, place: number, decides: boolean): Term {
  const judge = (frame: Frame, elements: readonly string[]): Value => {
    let result: Value = !decides;
    for (let index = 0; index < elements.length && index < maxListLength; index++) {
      frame.locals[place] = elements[index] ?? null;
      const one = body.run(frame);
      if (one === decides) return decides;
      if (one === null) result = null;
    }
    return result;
  };
  const steps = over.steps + maxListLength * (body.steps + 2);
  return { type: 'bool', steps, run: (frame) => {
    const elements = over.run(frame);
    return elements === null ? null : judge(frame, elements as readonly string[]);
  } };
}
