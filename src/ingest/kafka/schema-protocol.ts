/** Registries' framing: a zero byte, four bytes of the schema's id, then the value. */
export const schemaHeaderBytes = 5;

/** `unknown`: the registry has no such schema. `unusable`: it has, but the schema cannot be understood. */
export const schemaKinds = ['json', 'avro', 'protobuf', 'unknown', 'unusable'] as const;
export type SchemaKind = (typeof schemaKinds)[number];

/** What the thread that decodes is given at its start. */
export interface SchemaWorkerSettings {
  readonly url: string;
  readonly auth: { readonly username: string; readonly password: string } | null;
  /** Authorities to trust, PEM. */
  readonly ca: string | null;
  readonly requestTimeoutMs: number;
  /** Once decoded values are this large together, no more are decoded for one request. */
  readonly maxAnswerBytes: number;
}

/** Either a schema to prepare, or framed values to decode whose schemas are prepared. */
export interface SchemaRequest { readonly id: number; readonly schema: number; readonly values: readonly Uint8Array[] | null }

/** `id` 0: the thread is ready. */
export interface SchemaAnswer {
  readonly id: number;
  /** The schema's kind, or any other text: why it could not be fetched now. */
  readonly prepared: string | null;
  /** JSON of the first values, `null` for one that does not fit its schema. */
  readonly values: readonly (Uint8Array | null)[] | null;
}
