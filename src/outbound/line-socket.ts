import { connect, type NetConnectOpts } from 'node:net';

/** A socket that takes a command and, once nothing more can come, ends the connection after its answer, as HAProxy's runtime interface does. */
export interface LineSocketOptions {
  /** Path of a Unix socket, or `host:port`. */
  readonly address: string;
  /** For a whole command. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Longest answer that is read. Default: 64 MiB. */
  readonly maxAnswerBytes?: number;
}

/** One command, and its answer. Rejects where the other side cannot be reached, does not end in time or never stops. */
export type Say = (command: string) => Promise<string>;

export function lineSocket({ address, timeoutMs = 5000, maxAnswerBytes = 64 << 20 }: LineSocketOptions): Say {
  const at = address.startsWith('/') ? null : /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const place: NetConnectOpts = at === null ? { path: address } : { host: (at[1] ?? at[2])!, port: Number(at[3]) };
  return (command) => new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const socket = connect(place);
    const give = (): void => { socket.destroy(); reject(new Error('the socket gives no answer that can be used')); };
    // The other side ends it; where it does not, this does.
    socket.setTimeout(timeoutMs, give);
    socket.on('error', reject).on('end', () => resolve(Buffer.concat(parts).toString('utf8'))).on('connect', () => socket.end(`${command}\n`));
    socket.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxAnswerBytes) give();
      else parts.push(part);
    });
  });
}
