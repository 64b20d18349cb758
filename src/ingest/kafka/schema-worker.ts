import { createRequire } from 'node:module';
import { Agent as PlainAgent, get as getPlain } from 'node:http';
import { Agent as TlsAgent, get as getTls } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { schemaHeaderBytes, type SchemaAnswer, type SchemaKind, type SchemaRequest, type SchemaWorkerSettings } from './schema-protocol.ts';

// Runs in a thread of its own, which can be ended. That does not help against a single huge allocation, which ends the whole process: so
// nothing is allocated here because a value announces that it is large.
const { url, auth, ca, requestTimeoutMs, maxAnswerBytes } = workerData as SchemaWorkerSettings;
type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];
interface Decodable { fromBuffer(bytes: Buffer): unknown }
interface AvroTap { readLong(): number; skipLong(): void }
interface AvroArray { readonly itemsType: { _read(tap: AvroTap): unknown } }
interface AvroLibrary {
  readonly types: {
    readonly LongType: { __with(methods: object): unknown };
    readonly ArrayType: { readonly prototype: { _read(this: AvroArray, tap: AvroTap): unknown[] } };
  };
}

/** Paths of schemas that are JSON schemas. */
const jsonSchemas = new Set<string>();
/** An answer that only says why there is none. */
const maxRefusalBytes = 64 << 10;
/** Array items of one value that take no byte of it. */
const maxEmptyItems = 10_000;
let itemsLeft = 0;
const known = new Map<number, { readonly kind: SchemaKind; readonly schema: Decodable }>();

const watch: Middleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: requestTimeoutMs }),
  response: async (next) => {
    const response = await next();
    if (response.data<{ schemaType?: string }>().schemaType === 'JSON') jsonSchemas.add(response.request().path());
    return response;
  },
});

const isTls = new URL(url).protocol === 'https:';
const agent = isTls ? new TlsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) }) : new PlainAgent({ keepAlive: true });
const { types: avroTypes } = avroLibrary();
avroTypes.ArrayType.prototype._read = readItems;
const registry = new SchemaRegistry(
  { host: url, agent, retry: { retries: 0 }, middlewares: [watch], ...(auth === null ? {} : { auth }) },
  { [SchemaType.AVRO]: { typeHook: wideLongs() } as object, [SchemaType.JSON]: { strict: false, logger: false } as object },
);

/** The library's own copy, as far as it is needed here. */
function avroLibrary(): AvroLibrary {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('@kafkajs/confluent-schema-registry'))('avsc') as AvroLibrary;
}

/**
 * Blocks of an array begin with their number of items, up to 2^62, and the library makes room for all of them at once. Items that take
 * a byte at least are no more than the value has bytes; of those that take none some are allowed.
 */
function readItems(this: AvroArray, tap: AvroTap): unknown[] {
  const items: unknown[] = [];
  for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
    // A negative number has the length of the block behind it.
    if (count < 0) tap.skipLong();
    itemsLeft -= Math.abs(count);
    if (!(itemsLeft >= 0)) throw new RangeError('More items than the value can hold.');
    for (let i = 0; i < Math.abs(count); i++) items.push(this.itemsType._read(tap));
  }
  return items;
}

/** Whole numbers that a double cannot hold come out as `bigint`; the library would refuse them. */
function wideLongs(): (schema: unknown) => unknown {
  const unused = (): never => { throw new Error('Values are only read.'); };
  const long = avroTypes.LongType.__with({
    fromBuffer: (bytes: Buffer) => {
      const wide = bytes.readBigInt64LE();
      const plain = Number(wide);
      return Number.isSafeInteger(plain) ? plain : wide;
    },
    toBuffer: unused, fromJSON: (value: number) => value, toJSON: (value: number) => value, isValid: () => true, compare: unused,
  });
  return (schema) => (schema === 'long' || (schema as { type?: unknown }).type === 'long' ? long : undefined);
}

/** Fetches and compiles a schema. A text says why that is not possible now. */
async function prepare(id: number): Promise<string> {
  try {
    const schema = await registry.getSchema(id);
    const kind = jsonSchemas.has(`/schemas/ids/${id}`) ? 'json' : 'message' in schema ? 'protobuf' : 'avro';
    known.set(id, { kind, schema: schema as Decodable });
    return kind;
  } catch (error) {
    const { status, url: asked } = error as { status?: number; url?: string };
    // The library compiles JSON schemas to check values by them; reading needs none of that, so drafts that it lacks do not matter.
    if (jsonSchemas.has(`/schemas/ids/${id}`)) return 'json';
    if (status === undefined) return 'unusable';
    return status === 404 && asked !== undefined && await isDenied(asked.replace(/^\w+ /, '')) ? 'unknown' : `status ${status}`;
  }
}

/**
 * Does the registry itself say that it has no such thing? A 404 of a proxy, or of a wrong path, says nothing of the schema. Of a failed
 * request the library keeps the status only, so it is asked once more.
 */
async function isDenied(asked: string): Promise<boolean> {
  const options = { agent, timeout: requestTimeoutMs, ...(auth === null ? {} : { auth: `${auth.username}:${auth.password}` }) };
  return new Promise((resolve) => {
    const request = (isTls ? getTls : getPlain)(asked, options, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > maxRefusalBytes) request.destroy();
        else parts.push(part);
      });
      response.on('end', () => resolve(response.statusCode === 404 && isDenial(Buffer.concat(parts).toString())));
      response.on('close', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** 40401 to 40499: no such subject, version or schema. https://docs.confluent.io/platform/current/schema-registry/develop/api.html#errors */
function isDenial(text: string): boolean {
  try {
    const code = (JSON.parse(text) as { error_code?: unknown } | null)?.error_code;
    return typeof code === 'number' && code > 40400 && code < 40500;
  } catch {
    return false;
  }
}

function decode(value: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const entry = known.get(bytes.readUInt32BE(1));
  let payload = bytes.subarray(schemaHeaderBytes);
  try {
    if (entry === undefined) return null;
    // The library knows only the first message of a Protobuf file, whose place is written as a single zero.
    if (entry.kind === 'protobuf' && (payload[0] !== 0 || payload.length < 2)) return null;
    payload = entry.kind === 'protobuf' ? payload.subarray(1) : payload;
    itemsLeft = payload.length + maxEmptyItems;
    return Buffer.from(JSON.stringify(entry.schema.fromBuffer(payload), plain));
  } catch {
    return null;
  }
}

/** `bigint` as text, bytes as base64. */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const own = this[key];
  if (own instanceof Uint8Array) return Buffer.from(own).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}

function decodeSome(values: readonly Uint8Array[]): (Uint8Array | null)[] {
  const found: (Uint8Array | null)[] = [];
  for (let bytes = 0; found.length < values.length && bytes < maxAnswerBytes;) {
    const decoded = decode(values[found.length]!);
    bytes += decoded?.length ?? 0;
    found.push(decoded);
  }
  return found;
}

async function answer(request: SchemaRequest): Promise<void> {
  const reply: SchemaAnswer = request.values === null
    ? { id: request.id, prepared: await prepare(request.schema), values: null }
    : { id: request.id, prepared: null, values: decodeSome(request.values) };
  parentPort!.postMessage(reply);
}

parentPort!.on('message', (request: SchemaRequest) => void answer(request));
parentPort!.postMessage({ id: 0, prepared: null, values: null } satisfies SchemaAnswer);
