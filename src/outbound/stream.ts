import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { abortable, reasonOf } from './client.ts';
import { pinnedTo, resolveChecked, type CheckedAddress, type Resolve } from './egress.ts';

export type StreamProtocol = 'tls' | 'tcp' | 'udp';

export interface StreamOptions {
  readonly host: string;
  readonly port: number;
  readonly protocol: StreamProtocol;
  /** A host in the operator's own networks. Default: false. */
  readonly allowPrivate?: boolean;
  /** PEM of the authority that signed the host's certificate. Default: those that the system trusts. */
  readonly ca?: string;
  /** PEM of a certificate, and of its key, that show who we are. */
  readonly cert?: string;
  readonly key?: string;
  /** For a whole batch. Default: 15 s. */
  readonly timeoutMs?: number;
  /** For the other side to end the connection, once it has everything. Default: 5 s. */
  readonly lingerMs?: number;
  readonly resolve?: Resolve;
}

/** `failed`: how much of it got there is not known. Its reason is a fixed word of ours. */
export type StreamAnswer = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly reason: string };

/** Resolves also when that fails. */
export type SendStream = (messages: readonly Buffer[], signal: AbortSignal) => Promise<StreamAnswer>;

/** What is wrong with the host, in plain words; `null` when nothing is. Looks nothing up. */
export function findHostFault(host: string): string | null {
  return URL.canParse(urlOf(host)) && !/[/?#@\s]/.test(host) ? null : 'is no name of a host and no address';
}

/**
 * Sends to one host only, at addresses of which every one was checked. By TCP and TLS each batch has a connection of its own, which is ended in
 * order: only when the other side, having read all of it, ends it too, is the batch known to have arrived as far as that can be known without
 * an answer. Where it leaves the connection open, all that was written counts as sent after `lingerMs`. By UDP nobody can know.
 */
export function streamClient(options: StreamOptions): SendStream {
  const policy = { allowPrivate: options.allowPrivate ?? false };
  return async (messages, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 15_000)]);
    try {
      const addresses = await abortable(resolveChecked(new URL(urlOf(options.host)), policy, options.resolve), limit);
      if (addresses === null) return { kind: 'failed', reason: 'address_not_allowed' };
      if (options.protocol === 'udp') await sendDatagrams(messages, addresses[0]!, options.port);
      else await sendStream(messages, openSocket(options, addresses), { signal: limit, lingerMs: options.lingerMs ?? 5000 });
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'failed', reason: limit.aborted ? (signal.aborted ? 'aborted' : 'timeout') : reasonOf(error) };
    }
  };
}

function urlOf(host: string): string {
  return `https://${isIP(host) === 6 ? `[${host}]` : host}`;
}

function openSocket({ host, port, protocol, ca, cert, key }: StreamOptions, addresses: readonly CheckedAddress[]): Socket {
  const lookup = pinnedTo(addresses);
  if (protocol === 'tcp') return connectTcp({ host, port, lookup });
  const files = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  return connectTls({ host, port, lookup, ...(isIP(host) === 0 ? { servername: host } : {}), ...files });
}

interface Limits { readonly signal: AbortSignal; readonly lingerMs: number }

async function sendStream(messages: readonly Buffer[], socket: Socket, { signal, lingerMs }: Limits): Promise<void> {
  const abort = (): void => { socket.destroy(new Error('aborted')); };
  signal.addEventListener('abort', abort, { once: true });
  let linger: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let isWritten = false;
      socket.on('error', reject);
      socket.on('finish', () => {
        isWritten = true;
        linger = setTimeout(resolve, lingerMs);
      });
      socket.on('close', () => { if (isWritten) resolve(); else reject(new Error('closed')); });
      // What the other side says is read and dropped, or its end would not be seen.
      socket.resume();
      socket.end(Buffer.concat(messages));
    });
  } finally {
    clearTimeout(linger);
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

async function sendDatagrams(messages: readonly Buffer[], { address, family }: CheckedAddress, port: number): Promise<void> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    for (const message of messages) {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.send(message, port, address, (error) => { if (error === null) resolve(); else reject(error); });
      });
      socket.removeAllListeners('error');
    }
  } finally {
    socket.close();
  }
}
