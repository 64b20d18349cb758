import { connect } from 'node:net';
import { Chance } from '../support/logs/random.ts';

export interface Doorway {
  readonly port: number;
  /** A session's cookie, without its ticket. */
  readonly cookie: string;
  /** A ticket that was used already. */
  readonly used: string;
  readonly token: string;
  /** Makes one that is still good. */
  ticket(): Promise<string>;
}

/** Origins that are not the page's, some of them nearly. */
function wrongOrigin(chance: Chance, port: number): string {
  const own = `http://127.0.0.1:${port}`;
  const near = chance.whole(0, own.length - 1);
  return chance.oneOf([
    'null', '', 'http://evil.example', `${own}.evil.example`, `${own}/`, `${own}@evil.example`, own.toUpperCase(), own.replace('http', 'https'), `http://127.0.0.1:${port + 1}`,
    `http://127.1:${port}`, `http://[::ffff:127.0.0.1]:${port}`, `${own}, http://evil.example`, `${own.slice(0, near)}x${own.slice(near + 1)}`, own.slice(0, -1), `http://localhost.:${port}`,
  ]);
}

/** What opens nothing, in one of its many forms: an origin of others with a good ticket or token, or our own with no good ticket. */
async function wrongHandshake(chance: Chance, { port, cookie, used, token, ticket }: Doorway): Promise<string[]> {
  const isOwn = chance.next() < 1 / 2;
  const origin = isOwn ? `http://127.0.0.1:${port}` : wrongOrigin(chance, port);
  if (!isOwn && chance.next() < 1 / 2) return ['GET /ws HTTP/1.1', `Origin: ${origin}`, `Authorization: Bearer ${token}`];
  if (!isOwn) return [`GET /ws?ticket=${await ticket()} HTTP/1.1`, ...chance.next() < 1 / 4 ? [] : [`Origin: ${origin}`], `Cookie: ${cookie}`];
  const path = chance.oneOf(['/ws', '/ws?ticket=', `/ws?ticket=${used}`, `/ws?ticket=${used.slice(1)}`, '/ws?ticket=null', `/ws?ticket=${token}`, `/ws?Ticket=${used}`]);
  return [`GET ${path} HTTP/1.1`, `Origin: ${origin}`, ...chance.oneOf<string[]>([[], [`Cookie: ${cookie}`], ['Authorization: Bearer wrong'], [`Authorization: Basic ${token}`]])];
}

/** The status that the server answers to one, as it says it. */
function answerTo(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject).once('data', (data: Buffer) => {
      socket.destroy();
      resolve(data.toString('latin1', 9, 12));
    });
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    socket.write([lines[0], `Host: 127.0.0.1:${port}`, ...upgrade, ...lines.slice(1), '', ''].join('\r\n'));
  });
}

/** So many handshakes that must all be refused. Answers how often each status came. */
export async function wrongHandshakes(door: Doorway, count: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const chance = new Chance(seed);
  const statuses: Record<string, number> = {};
  for (let done = 0; done < count; done++) {
    const status = await answerTo(door.port, await wrongHandshake(chance, door));
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}
