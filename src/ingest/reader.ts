import type { QuarantineReason } from '../model/quarantine.ts';
import type { Format, SecretView, Shape } from './formats/format.ts';
import type { Json, Path } from './paths.ts';
import { select } from './scan/select.ts';

/** Why a record could not be read. The detail never quotes the record. */
export interface ReadProblem { readonly reason: QuarantineReason; readonly detail: string }

/** One shape of one format, ready to read the record that its reader holds. */
export interface ShapeReader {
  readonly format: Format;
  readonly shape: Shape;
  /** The declared values of the current record, read when asked for. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, SecretView | null>>;
}

export interface ReaderOptions {
  /** Operator's own key names for the fields of a format: format id, field name -> keys. */
  mappingOf(format: Format): Readonly<Record<string, readonly string[]>>;
  /** Wraps a secret, so that its text stops here. */
  secret(rawToken: string): SecretView;
}

/**
 * Reads records through the paths that formats declare. It holds one record at a time: `read`
 * puts the next one under all of its shapes, whose `values` then speak of that record.
 */
export class RecordReader {
  readonly jsonShapes: readonly ShapeReader[];
  readonly textShapes: readonly ShapeReader[];
  #root: Json = null;
  #problem: ReadProblem | null = null;

  constructor(formats: readonly Format[], options: ReaderOptions) {
    const all = formats.flatMap((format) => format.shapes.map((shape) => this.#compile(format, shape, options)));
    this.jsonShapes = all.filter(({ shape }) => shape.kind === 'json');
    this.textShapes = all.filter(({ shape }) => shape.kind === 'text');
  }

  /** What was found wrong with a declared value of the current record, so far. */
  get problem(): ReadProblem | null { return this.#problem; }

  /** Takes up a JSON record. */
  readJson(bytes: Uint8Array): ReadProblem | null {
    this.#problem = null;
    try {
      this.#root = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as Json;
      return null;
    } catch {
      return { reason: 'invalid_json', detail: 'The record is not valid JSON.' };
    }
  }

  /** Takes up a text line under one shape; `false` when its grammar does not know the line. */
  readText(line: string, reader: ShapeReader): boolean {
    this.#problem = null;
    const map = reader.shape.grammar?.(line) ?? null;
    this.#root = map;
    return map !== null;
  }

  #compile(format: Format, shape: Shape, options: ReaderOptions): ShapeReader {
    const mapping = options.mappingOf(format);
    const values = {};
    for (const [name, declared] of Object.entries(shape.fields)) {
      const path: Path = mapping[name] === undefined ? declared : { kind: 'keys', keys: mapping[name] };
      Object.defineProperty(values, name, { enumerable: true, get: () => this.#value(path) });
    }
    const secrets = {};
    for (const [name, declared] of Object.entries(shape.secrets ?? {})) {
      Object.defineProperty(secrets, name, {
        enumerable: true,
        get: () => {
          const raw = this.#value(declared);
          return typeof raw === 'string' && raw !== '' ? options.secret(raw) : null;
        },
      });
    }
    return { format, shape, values, secrets };
  }

  #value(path: Path): unknown {
    return select(path, this.#root, parseInner);
  }
}

function parseInner(text: string): Json | undefined {
  try { return JSON.parse(text) as Json; } catch { return undefined; }
}
