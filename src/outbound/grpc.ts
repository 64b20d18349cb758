import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { abortable } from './client.ts';
import { findUrlFault, resolveChecked, type Resolve } from './egress.ts';

/** Messages and services of a protocol: names and numbers of fields, as `protobufjs` takes them. */
export interface GrpcSchema { readonly nested: Readonly<Record<string, unknown>> }

/** Who we are by an X.509 certificate, and whom we speak to. Files in PEM, read anew for each call: they are renewed every hour or so. */
export interface GrpcProof {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Authorities of the trust domain. */
  readonly bundleFile: string;
  /** SPIFFE ID of the server: its only URI name. */
  readonly serverId: string;
}

export interface GrpcOptions {
  /** Path of a Unix socket, or `host:port`, spoken to over TLS. */
  readonly address: string;
  readonly schema: GrpcSchema;
  /** `null` on a socket. */
  readonly proof: GrpcProof | null;
  /** The host is in the operator's own network. */
  readonly allowPrivate: boolean;
  /** For a whole call, look-up and answer included. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Longest answer that is read. Default: 64 KiB. */
  readonly maxAnswerBytes?: number;
  readonly resolve?: Resolve;
}

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

/** Resolves also when the call fails. */
export type GrpcSend = (request: GrpcRequest, signal: AbortSignal) => Promise<GrpcAnswer>;

/** Where a call goes: checked addresses only. */
export interface GrpcTarget {
  /** As `@grpc/grpc-js` writes it. */
  readonly uri: string;
  readonly tls: { readonly ca: Buffer; readonly key: Buffer; readonly certificate: Buffer; readonly serverId: string } | null;
}

export interface GrpcLimits { readonly signal: AbortSignal; readonly endMs: number; readonly maxAnswerBytes: number }

/** What is wrong with the address, in plain words; `null` when nothing is. Looks nothing up. */
export function findGrpcFault({ address, proof, allowPrivate }: Pick<GrpcOptions, 'address' | 'proof' | 'allowPrivate'>): string | null {
  if (isAbsolute(address)) return proof === null ? null : 'is a socket, where nobody shows a certificate';
  if (proof === null) return 'is no socket: there a certificate, its key and the bundle are needed';
  return /^[^/@?#\s]+:\d{1,5}$/.test(address) ? findUrlFault(`https://${address}`, { allowPrivate }) : 'is neither the path of a socket nor host:port';
}

/**
 * The one way out over gRPC, for single calls: to the configured socket, or over TLS to addresses of which every one was checked and which are the
 * ones connected to; never by a proxy. The address must be without fault. Each call has a connection of its own, for there are few.
 */
export function grpcClient(options: GrpcOptions): GrpcSend {
  const { schema, timeoutMs = 10_000, maxAnswerBytes = 64 * 1024 } = options;
  return async (request, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const failed = (reason: string): GrpcAnswer => ({ kind: 'failed', reason: limit.aborted ? (signal.aborted ? 'aborted' : 'timeout') : reason });
    try {
      const endMs = Date.now() + timeoutMs;
      const target = await targetOf(options, limit);
      if (typeof target === 'string') return failed(target);
      // Loading the library takes a fifth of a second, which only those spend who call.
      const { call } = await import('./grpc-call.ts');
      const answer = await call(schema, target, request, { signal: limit, endMs, maxAnswerBytes });
      return answer.kind === 'failed' ? failed(answer.reason) : answer;
    } catch {
      return failed('unreachable');
    }
  };
}

/** A fixed word where the call must not be made. */
async function targetOf({ address, proof, allowPrivate, resolve }: GrpcOptions, limit: AbortSignal): Promise<GrpcTarget | string> {
  if (findGrpcFault({ address, proof, allowPrivate }) !== null) return 'host_not_allowed';
  if (proof === null) return statSync(address).isSocket() ? { uri: `unix:${address}`, tls: null } : 'host_not_allowed';
  const url = new URL(`https://${address}`);
  const addresses = await abortable(resolveChecked(url, { allowPrivate }, resolve), limit);
  const family = addresses?.[0]?.family;
  if (addresses === null || family === undefined) return 'address_not_allowed';
  const port = url.port === '' ? '443' : url.port;
  const places = addresses.filter((one) => one.family === family).map((one) => (family === 6 ? `[${one.address}]:${port}` : `${one.address}:${port}`));
  return { uri: `ipv${family}:${places.join(',')}`, tls: { ...readProof(proof), serverId: proof.serverId } };
}

/** Throws an `Error` that does not quote what the files hold. */
export function readProof({ certificateFile, keyFile, bundleFile }: GrpcProof): { readonly ca: Buffer; readonly key: Buffer; readonly certificate: Buffer } {
  return { ca: pemIn(bundleFile, 'CERTIFICATE'), key: pemIn(keyFile, 'PRIVATE KEY'), certificate: pemIn(certificateFile, 'CERTIFICATE') };
}

function pemIn(file: string, what: string): Buffer {
  const pem = readFileSync(file);
  if (!pem.includes(`${what}-----`)) throw new Error(`${file} holds no ${what.toLowerCase()} in PEM`);
  return pem;
}
