import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../config/suggest.ts';
import { ruleFields } from './fields.ts';
import { ExpressionError, type TermType } from './term.ts';

export type { ASTNode } from '@marcbachmann/cel-js';

const timestamp = 'google.protobuf.Timestamp';
const duration = 'google.protobuf.Duration';
const nameInCel: Readonly<Record<TermType, string>> = {
  text: 'string', int: 'int', double: 'double', bool: 'bool', time: timestamp, duration, texts: 'list<string>',
};
interface Schema { [name: string]: string | Schema }

/** Most values that `firstSeen` and `countDistinct` take together as one. */
const maxValues = 4;

/** The types of everything that an expression can name. */
function environment(): Environment {
  const language = new Environment({ limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxCallArguments: 8 } });
  for (const [name, schema] of Object.entries(schemas())) language.registerVariable({ name, schema: schema as Schema });
  for (let count = 1; count <= maxValues; count++) {
    const values = Array.from({ length: count }, () => 'dyn').join(', ');
    language.registerFunction(`firstSeen(${values}): bool`, () => null);
    language.registerFunction(`countDistinct(${values}, ${duration}): int`, () => null);
  }
  return language;
}

function schemas(): Schema {
  const root: Schema = {};
  for (const { path, type } of ruleFields) {
    let at = root;
    for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Schema;
    at[path.at(-1) as string] = nameInCel[type];
  }
  return root;
}

/** Made when the first expression is read: most installations have no rules. */
let made: Environment | null = null;

/** The names that can follow a group of fields such as `source`; empty for what is no group. */
function namesIn(path: readonly string[]): string[] {
  let at: Schema | string | undefined = schemas();
  for (const name of path) at = typeof at === 'object' ? at[name] : undefined;
  return typeof at === 'object' ? Object.keys(at) : [];
}

/** An expression whose names and types are right, as a tree. Throws `ExpressionError`. */
export function parseExpression(text: string): ASTNode {
  try {
    made ??= environment();
    const parsed = made.parse(text);
    const { valid, error } = parsed.check();
    if (!valid) throw error ?? new Error('not understood');
    return parsed.ast;
  } catch (error) {
    const { summary, message, range } = error as { readonly summary?: string; readonly message: string; readonly range?: { readonly start: number } };
    throw new ExpressionError(plain(summary ?? message), range?.start ?? 0, hintFor(text, range?.start ?? 0));
  }
}

function plain(message: string): string {
  return message.replace('No such key:', 'no such field:').replaceAll(timestamp, 'timestamp').replaceAll(duration, 'duration');
}

/** The field that was probably meant, else those that can stand there. */
function hintFor(text: string, offset: number): string | null {
  const word = /^\w*/.exec(text.slice(offset))?.[0] ?? '';
  const group = /(?:\w+\.)*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const names = namesIn(group.split('.').filter((name) => name !== ''));
  return word === '' || names.includes(word) ? null : didYouMean(word, names);
}
