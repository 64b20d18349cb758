import type { Message } from '../../../src/server/api/shapes-live.ts';
import { api, RefusedError } from './api.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** The server says something at least every 5 s. */
const silenceMs = 12_000;
const longestWaitMs = 15_000;

interface Listener {
  message(message: Message): void;
  connection(state: Connection): void;
  /** The session is over: following has ended, until somebody has logged in. */
  notKnown(): void;
}

/**
 * The live stream: goes on after a break where it stopped, by the cursor of the last message that was seen. A connection that
 * has fallen silent counts as lost.
 */
export function follow(fromCursor: number, listener: Listener): void {
  let cursor = fromCursor;
  let waitMs = 500;
  const again = (): void => {
    listener.connection('lost');
    setTimeout(() => void open(), waitMs * (0.5 + Math.random()));
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  };
  const open = async (): Promise<void> => {
    let ticket: string;
    try {
      ({ ticket } = await api.ticket());
    } catch (error) {
      if (error instanceof RefusedError && error.status === 401) return listener.notKnown();
      return again();
    }
    const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
    const socket = new WebSocket(`${address}?ticket=${encodeURIComponent(ticket)}&cursor=${cursor}`);
    let watchdog = setTimeout(() => socket.close(), silenceMs);
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => socket.close(), silenceMs);
      const message = JSON.parse(data) as Message;
      cursor = message.cursor;
      waitMs = 500;
      listener.connection('live');
      listener.message(message);
    };
    socket.onclose = () => {
      clearTimeout(watchdog);
      again();
    };
  };
  void open();
}
