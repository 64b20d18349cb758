import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Admitted } from './sessions.ts';

/** What waits in the socket's buffer, in bytes. */
const limits = { behind: 1 << 20, drained: 64 << 10, cut: 4 << 20 } as const;
/** A reader may be behind for so long; with what comes on top before it is looked at, half a minute. */
const behindMs = 25_000;
/** Two pings without an answer end it. */
const maxUnanswered = 2;
/** The stream takes nothing; who sends all the same is cut, at so many messages between two pings. */
const maxReceived = 50;

/** Close codes of RFC 6455. */
export const closeCodes = { goingAway: 1001, policy: 1008, tryLater: 1013 } as const;

/** A text frame of a server, RFC 6455 5.2: whole and not masked, so that all readers can be sent the same bytes. */
export function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/**
 * One reader of the live stream. live -> behind (its buffer is full: nothing more is put into it) -> live again once it has read,
 * told what was left out; or cut, when it does not read. `catchingUp`: it asked for what changed since a cursor.
 */
export class Subscriber {
  readonly admitted: Admitted;
  /** Everything up to this change was sent. */
  cursor: number;
  catchingUp = false;
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  #behindSinceMs: number | null = null;
  #unanswered = 0;
  #received = 0;

  /** `connection`: the one below the socket. */
  constructor(socket: WebSocket, connection: Duplex, admitted: Admitted, cursor: number) {
    this.#socket = socket;
    this.#connection = connection;
    this.admitted = admitted;
    this.cursor = cursor;
    socket.on('pong', () => { this.#unanswered = 0; });
    socket.on('message', () => { if (++this.#received > maxReceived) this.close(closeCodes.policy); });
    // What is wrong with a frame closes the socket; there is nobody else to tell.
    socket.on('error', () => undefined);
  }

  get isBehind(): boolean {
    return this.#behindSinceMs !== null;
  }

  /** It may be given more. */
  get hasRoom(): boolean {
    return this.#socket.bufferedAmount < limits.drained;
  }

  /** False where the reader is behind: then nothing was sent. `frames`: as `frame` makes them, any number together. */
  send(frames: Buffer, nowMs: number): boolean {
    const waiting = this.#socket.bufferedAmount;
    if (waiting > limits.cut) this.#socket.terminate();
    if (waiting > limits.behind) this.#behindSinceMs ??= nowMs;
    if (this.isBehind || this.#socket.readyState !== this.#socket.OPEN) return false;
    // Beside the socket, which would make a frame of its own for each reader; nothing is compressed, so it never holds half a frame back.
    this.#connection.write(frames);
    return true;
  }

  /** Whether one that was behind has read what it was sent. */
  hasCaughtBreath(nowMs: number): boolean {
    if (this.#behindSinceMs === null) return false;
    if (this.hasRoom) {
      this.#behindSinceMs = null;
      return true;
    }
    if (nowMs - this.#behindSinceMs > behindMs) this.#socket.terminate();
    return false;
  }

  ping(): void {
    if (++this.#unanswered > maxUnanswered) this.#socket.terminate();
    else this.#socket.ping();
    this.#received = 0;
  }

  close(code: number): void {
    this.#socket.close(code);
    // Who does not answer is not waited for.
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }
}
