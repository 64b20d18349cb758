import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How connections through the proxy fare. */
export type Weather =
  /** As if it were not there. */
  | { readonly kind: 'fair' }
  /** Connections are reset as soon as they are opened. */
  | { readonly kind: 'cut' }
  /** Accepted, and nothing ever comes back. */
  | { readonly kind: 'silent' }
  /** In both directions. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Reset after so many bytes towards the server. */
  | { readonly kind: 'torn'; readonly afterBytes: number };

export interface Proxy {
  readonly port: number;
  /** For new connections; those that are open are reset. */
  set(weather: Weather): void;
  stop(): Promise<void>;
}

/** A TCP proxy on this machine in front of another port of it. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  let weather: Weather = { kind: 'fair' };
  const open = new Set<Socket>();
  const server = createServer((near) => {
    track(near, open);
    if (weather.kind === 'cut') near.resetAndDestroy();
    else if (weather.kind !== 'silent') join(near, targetPort, weather, open);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = (): void => open.forEach((socket) => socket.resetAndDestroy());
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      weather = next;
      reset();
    },
    stop: () => new Promise((resolve) => {
      reset();
      server.close(() => resolve());
    }),
  };
}

function join(near: Socket, targetPort: number, weather: Weather, open: Set<Socket>): void {
  const far = connect(targetPort, '127.0.0.1');
  track(far, open);
  near.once('close', () => far.destroy());
  // What was passed on may still be on its way.
  far.once('close', (failed) => { if (failed) near.resetAndDestroy(); else near.end(); });
  let sent = 0;
  void pass(near, far, weather, (bytes) => {
    sent += bytes;
    if (weather.kind === 'torn' && sent >= weather.afterBytes) near.resetAndDestroy();
  });
  void pass(far, near, weather, () => undefined);
}

function track(socket: Socket, open: Set<Socket>): void {
  open.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => open.delete(socket));
}

async function pass(from: Socket, to: Socket, weather: Weather, passed: (bytes: number) => void): Promise<void> {
  try {
    for await (const part of from as AsyncIterable<Buffer>) {
      if (weather.kind === 'slow') await sleep(1000 * part.length / weather.bytesPerSecond);
      if (!to.destroyed) to.write(part);
      passed(part.length);
    }
    to.end();
  } catch {
    // Reset by either side; the other one hears of it.
  }
}
