import { askedFirst, Gates, keysOf } from './choose.ts';
import type { Format, SecretView, Shape } from './formats/format.ts';
import type { Json, Path } from './paths.ts';
import { Scanner, defaultLimits } from './scan/scanner.ts';
import type { Limits, ReadProblem } from './scan/scanner.ts';
import { isPlaceholder } from './secret.ts';
import { select } from './scan/select.ts';
import { Trie } from './scan/trie.ts';
import { ScannedValues } from './scan/values.ts';
import type { ShapeReader } from './shape-reader.ts';
import { shapeValues, type Place, type Read, type ShapeValues } from './shape-values.ts';

export interface ReaderOptions {
  /** Operator's own key names for the fields of a format: field name -> keys. */
  mappingOf(format: Format): Readonly<Record<string, readonly string[]>>;
  /** Wraps a secret, so that its text stops here. `field`: where it stood in the record. */
  secret(rawToken: string, field: string): SecretView;
  readonly limits?: Limits;
}

/**
 * Reads records through the paths that formats declare. It holds one record at a time: `readJson` and
 * `readLine` put the next one under the shapes, whose `values` then speak of that record.
 */
export class RecordReader {
  readonly jsonShapes: readonly ShapeReader[];
  readonly textShapes: readonly ShapeReader[];
  readonly #scanner: Scanner;
  readonly #scanned: ScannedValues;
  readonly #options: ReaderOptions;
  readonly #gates: Gates;
  #text = '';
  /** What a grammar made of it. */
  #line: Json = null;

  constructor(formats: readonly Format[], options: ReaderOptions) {
    this.#options = options;
    const declared = formats.flatMap((format) => format.shapes.map((shape) => ({ format, shape })));
    const trie = new Trie();
    for (const { format, shape } of declared) {
      if (shape.kind !== 'json') continue;
      for (const path of [...Object.values(this.#fieldsOf(format, shape)), ...Object.values(shape.secrets ?? {})]) addTo(trie, path);
    }
    this.#scanner = new Scanner(trie, options.limits ?? defaultLimits);
    this.#scanned = new ScannedValues(this.#scanner);
    const shapes = declared.map(({ format, shape }) => this.#compile(format, shape, trie));
    this.jsonShapes = shapes.filter(({ shape }) => shape.kind === 'json');
    this.textShapes = shapes.filter(({ shape }) => shape.kind === 'text');
    this.#gates = new Gates(this.jsonShapes, ({ format, shape }) => {
      const paths = this.#fieldsOf(format, shape);
      return askedFirst(shape)?.flatMap((name) => keysOf(paths[name]!)).map((keys) => trie.add(keys)) ?? null;
    });
  }

  /** What was found wrong with a declared value of the current record, so far. */
  get problem(): ReadProblem | null { return this.#scanned.problem; }

  /** Takes up a JSON record. `null` when it is good. */
  readJson(bytes: Uint8Array): ReadProblem | null {
    this.#scanned.reset();
    return this.#scanner.scan(bytes);
  }

  /** Takes up a text line; `fits` then tries it under each shape. */
  readLine(line: string): void {
    this.#scanned.reset();
    this.#text = line;
  }

  /** The shape that claims the current JSON record. Asks only those of whose first fields something is there. */
  claimJson(): ShapeReader | null {
    return this.#gates.find(this.#scanner.kinds);
  }

  /** The shape that claims the current text line. */
  claimText(): ShapeReader | null {
    for (const candidate of this.textShapes) {
      if (this.claims(candidate)) return candidate;
    }
    return null;
  }

  /** Does this shape claim the current record? */
  claims(candidate: ShapeReader): boolean {
    if (candidate.isJson) return candidate.shape.recognize(candidate.values);
    return this.fits(candidate.shape) && candidate.shape.recognize(this.valuesOf(candidate));
  }

  /** The values of the current record, which the shape claims. */
  valuesOf({ isWhole, values }: ShapeReader): ShapeValues {
    return isWhole ? this.#line as ShapeValues : values;
  }

  /** Does the grammar of a text shape know the current line? If so, the shape's values are those of the line. */
  fits({ grammar }: Shape): boolean {
    this.#line = grammar?.(this.#text) ?? null;
    return this.#line !== null;
  }

  /** The paths of a shape's fields by name, where the operator's mapping leads. */
  #fieldsOf(format: Format, shape: Shape): Readonly<Record<string, Path>> {
    const mapping = this.#options.mappingOf(format);
    return Object.fromEntries(Object.entries(shape.fields).map(([name, path]) =>
      [name, Object.hasOwn(mapping, name) ? moved(path, mapping[name]!) : path]));
  }

  #compile(format: Format, shape: Shape, trie: Trie): ShapeReader {
    const isJson = shape.kind === 'json';
    const places = Object.values(this.#fieldsOf(format, shape)).map((path) => (isJson ? this.#place(path, trie) : this.#inLine(path)));
    const secrets = {};
    for (const [name, path] of Object.entries(shape.secrets ?? {})) {
      const read = isJson ? this.#reader(path, trie, true) : this.#inLine(path);
      Object.defineProperty(secrets, name, { enumerable: true, get: this.#hide(read, fieldOf(name, path)) });
    }
    return { format, shape, values: shapeValues(shape.fields, this.#scanned, places), secrets, isJson, isWhole: shape.whole === true };
  }

  #hide(read: Read, field: string): () => SecretView | null {
    return () => {
      const rawToken = read();
      return typeof rawToken === 'string' && !isPlaceholder(rawToken) ? this.#options.secret(rawToken, field) : null;
    };
  }

  /** A value of the flat map that a grammar gave: mostly by one key, which needs no walk. */
  #inLine(path: Path): Read {
    if (path.kind === 'firstOf') {
      const options = path.options.map((option) => this.#inLine(option));
      return () => firstFound(options);
    }
    if (path.kind !== 'keys' || path.keys.length !== 1) return () => select(path, this.#line, this.#parseInner);
    const key = path.keys[0]!;
    return () => {
      const found = (this.#line as Readonly<Record<string, unknown>>)[key];
      return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? found : null;
    };
  }

  /** Scalars are read by their nodes alone. */
  #place(path: Path, trie: Trie): Place {
    const options = path.kind === 'firstOf' ? path.options : [path];
    const nodes = options.flatMap((option) => (option.kind === 'keys' ? trie.add(option.keys) : []));
    return nodes.length === options.length ? nodes : this.#reader(path, trie, false);
  }

  #reader(path: Path, trie: Trie, isSecret: boolean): Read {
    const scanned = this.#scanned;
    if (path.kind === 'firstOf') {
      const options = path.options.map((option) => this.#reader(option, trie, isSecret));
      return () => firstFound(options);
    }
    const node = trie.add(path.keys);
    if (path.kind === 'keys') return isSecret ? () => scanned.text(node) : () => scanned.scalar(node);
    if (path.kind === 'subtree') return () => scanned.tree(node, path.maxBytes) ?? null;
    if (path.kind === 'jsonIn') {
      const { inner } = path;
      return () => {
        const tree = scanned.inner(node);
        return tree === undefined ? null : select(inner, tree, this.#parseInner);
      };
    }
    const below: Path = { ...path, keys: [] };
    return () => {
      const tree = scanned.tree(node);
      return tree === undefined ? null : select(below, tree, this.#parseInner);
    };
  }

  readonly #parseInner = (text: string): Json | undefined => this.#scanned.parseInner(text);
}

/** The same kind of value at the operator's own keys: a list stays a list, an object an object. */
function moved(path: Path, keys: readonly string[]): Path {
  if (path.kind !== 'firstOf') return { ...path, keys };
  const kinds = path.options.filter((option, i) => path.options.findIndex(({ kind }) => kind === option.kind) === i);
  return { ...path, options: kinds.map((option) => moved(option, keys)) };
}

/** Where a value stands, as people write it; by the format's own name where that may be in several places. */
function fieldOf(name: string, path: Path): string {
  return path.kind === 'firstOf' || path.keys.length === 0 ? name : path.keys.join('.');
}

function addTo(trie: Trie, path: Path): void {
  if (path.kind === 'firstOf') path.options.forEach((option) => addTo(trie, option));
  else trie.add(path.keys);
}

function firstFound(options: readonly Read[]): unknown {
  for (const option of options) {
    const found = option();
    if (found !== null) return found;
  }
  return null;
}
