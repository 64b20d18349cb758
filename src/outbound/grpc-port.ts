/** Messages and services of a protocol: names and numbers of fields, as `protobufjs` takes them. */
export interface GrpcSchema { readonly nested: Readonly<Record<string, unknown>> }

/** A call as data. */
export interface GrpcRequest {
  /** `<package>.<service>/<method>`. */
  readonly method: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** Decodes a message that another holds as bytes, because it is given back as it came, with what we know nothing of. Throws where it is none. */
export type ReadMessage = (type: string, bytes: Uint8Array) => Readonly<Record<string, unknown>>;

/** `failed`: nobody answered. Its reason is a fixed word of ours. */
export type GrpcAnswer =
  | {
    readonly kind: 'answered';
    /** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
    readonly code: number;
    /** `null` unless the code is 0. Fields that were left out have their standard values. */
    readonly message: Readonly<Record<string, unknown>> | null;
    readonly retryAfterMs?: number;
    readonly read: ReadMessage;
  }
  | { readonly kind: 'failed'; readonly reason: string };

/** Where a call goes: checked addresses only. */
export interface GrpcTarget {
  /** As `@grpc/grpc-js` writes it. */
  readonly uri: string;
  readonly tls: { readonly ca: Buffer; readonly key: Buffer; readonly certificate: Buffer; readonly serverId: string; readonly serverName: string } | null;
}

export interface GrpcLimits { readonly signal: AbortSignal; readonly endMs: number; readonly maxAnswerBytes: number }
