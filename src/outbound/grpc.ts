import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { abortable } from './client.ts';
import { findUrlFault, resolveChecked, type Resolve } from './egress.ts';
import type { GrpcAnswer, GrpcRequest, GrpcSchema, GrpcTarget } from './grpc-port.ts';

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

/** Resolves also when the call fails. */
export type GrpcSend = (request: GrpcRequest, signal: AbortSignal) => Promise<GrpcAnswer>;

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
      if (answer.kind === 'failed') return failed(answer.reason);
      // What we broke off ourselves nobody answered.
      return limit.aborted && answer.message === null ? failed('timeout') : answer;
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
  // No address may stand where TLS names the server (RFC 6066, 3); the trust domain may.
  const serverName = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? url.hostname : new URL(proof.serverId).hostname;
  return { uri: `ipv${family}:${places.join(',')}`, tls: { ...readProof(proof), serverId: proof.serverId, serverName } };
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
