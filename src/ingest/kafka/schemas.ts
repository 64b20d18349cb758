import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaSettingsError } from './client.ts';
import { schemaHeaderBytes, schemaKinds, type SchemaKind, type SchemaWorkerSettings } from './schema-protocol.ts';
import { Overrun, SchemaThread } from './schema-thread.ts';

/** Where the schemas of framed values are. The password is named by file, never given. */
export interface SchemaRegistrySettings {
  readonly url: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
}

/** JSON of a value, or why there is none. */
export type Decoded = Buffer | 'unknown' | 'undecodable' | 'overrun';

const packageName = '@kafkajs/confluent-schema-registry';
const requestTimeoutMs = 5000;
const maxAnswerBytes = 16 << 20;
const firstRetryMs = 100;
const maxRetryMs = 5000;
/** Kinds of schemas remembered; beyond that all are asked for anew. */
const maxKinds = 10_000;
/** What a registry does not know may be known to it later, for example when it is a copy of another. */
const unknownMs = 60_000;

/** Decodes values that are framed with a schema id. A registry that cannot be reached is waited for, for as long as it takes. */
export class SchemaDecoder {
  /** Why those wait that wait, in the order in which they began. */
  readonly #problems = new Map<object, string>();
  readonly #kinds = new Map<number, { readonly kind: SchemaKind; readonly untilMs: number }>();
  readonly #thread: SchemaThread;
  readonly #closed = new AbortController();

  /** Throws a `KafkaSettingsError` where the library is not installed or a named file cannot be read. */
  constructor(settings: SchemaRegistrySettings) {
    requirePackage(packageName);
    this.#thread = new SchemaThread(threadSettings(settings), () => this.#kinds.clear());
  }

  /** Why decoding waits; `null` while it does not. */
  get problem(): string | null {
    return this.#problems.values().next().value ?? null;
  }

  /** The first of some framed values decoded, one at least; `null` once nobody waits for them any more. */
  async decode(values: readonly Buffer[], isWanted: () => boolean): Promise<readonly Decoded[] | null> {
    try {
      for (let failures = 0; isWanted() && !this.#isClosed; failures++) {
        const decoded = await this.#attempt(values).catch((error: unknown) => error as Error);
        // What was cut short by closing says nothing of the values.
        if (this.#isClosed) return null;
        if (!(decoded instanceof Error)) return decoded;
        this.#problems.set(values, decoded.message);
        await sleep(Math.min(maxRetryMs, firstRetryMs * 2 ** failures), undefined, { signal: this.#closed.signal }).catch(() => undefined);
      }
      return null;
    } finally {
      this.#problems.delete(values);
    }
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#thread.close();
  }

  async #attempt(values: readonly Buffer[]): Promise<readonly Decoded[]> {
    for (const id of new Set(values.filter(isFramed).map(schemaOf))) await this.#prepare(id);
    try {
      return await this.#decode(values);
    } catch (error) {
      if (!(error instanceof Overrun)) throw error;
      return values.length === 1 ? ['overrun'] : this.#oneByOne(values);
    }
  }

  /** Some value takes for ever, or all the memory: the others are decoded without it. */
  async #oneByOne(values: readonly Buffer[]): Promise<readonly Decoded[]> {
    const found: Decoded[] = [];
    for (let bytes = 0; found.length < values.length && bytes < maxAnswerBytes;) {
      const [decoded] = await this.#attempt([values[found.length]!]);
      bytes += decoded!.length;
      found.push(decoded!);
    }
    return found;
  }

  async #prepare(id: number): Promise<void> {
    if (this.#isClosed) throw new Error('decoding has ended');
    if ((this.#kinds.get(id)?.untilMs ?? 0) > Date.now()) return;
    const kind = await this.#thread.prepare(id);
    if (!isKind(kind)) throw new Error(`schema ${id} cannot be fetched from the registry (${kind})`);
    if (this.#kinds.size >= maxKinds) this.#kinds.clear();
    this.#kinds.set(id, { kind, untilMs: kind === 'unknown' ? Date.now() + unknownMs : Infinity });
  }

  async #decode(values: readonly Buffer[]): Promise<readonly Decoded[]> {
    const kinds = values.map((value) => (isFramed(value) ? this.#kinds.get(schemaOf(value))?.kind : 'unusable'));
    if (kinds.includes(undefined)) throw new Error('the thread that decodes was started anew');
    const binary = values.filter((_, i) => kinds[i] === 'avro' || kinds[i] === 'protobuf');
    const decoded = binary.length === 0 ? [] : await this.#thread.decode(binary);
    const found: Decoded[] = [];
    for (let i = 0, at = 0; i < values.length; i++) {
      const kind = kinds[i]!;
      if (kind === 'json') found.push(values[i]!.subarray(schemaHeaderBytes));
      else if (kind === 'unknown' || kind === 'unusable') found.push(kind === 'unknown' ? kind : 'undecodable');
      else if (at === decoded.length) break;
      else found.push(bufferOf(decoded[at++]!));
    }
    return found;
  }
}

/** Throws a `KafkaSettingsError` that says what to install where a package is absent. */
export function requirePackage(name: string): void {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new KafkaSettingsError(`kafka.schema_registry needs the package ${name}: npm install ${name}`, { cause: error });
  }
}

function threadSettings({ url, username, passwordFile, caFile }: SchemaRegistrySettings): SchemaWorkerSettings {
  if ((username === undefined) !== (passwordFile === undefined)) {
    throw new KafkaSettingsError('schema_registry needs both a user name and a password file, or neither');
  }
  const auth = username === undefined || passwordFile === undefined ? null : { username, password: textOf(passwordFile).trimEnd() };
  return { url, auth, ca: caFile === undefined ? null : textOf(caFile), requestTimeoutMs, maxAnswerBytes };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KafkaSettingsError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}

function isFramed(value: Buffer): boolean {
  return value.length > schemaHeaderBytes;
}

function schemaOf(value: Buffer): number {
  return value.readUInt32BE(1);
}

function isKind(text: string): text is SchemaKind {
  return (schemaKinds as readonly string[]).includes(text);
}

function bufferOf(bytes: Uint8Array | null): Decoded {
  return bytes === null ? 'undecodable' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
