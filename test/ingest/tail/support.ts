import { onTestFinished } from 'vitest';
import { TailSource, type TailOptions } from '../../../src/ingest/tail/source.ts';
import type { Delivery, Receiver } from '../../../src/ingest/live.ts';
import { line } from './lines.ts';

export { line } from './lines.ts';

/** Keeps what is delivered, and the position behind each delivery. */
export class Reader implements Receiver {
  readonly deliveries: Delivery[] = [];
  readonly stops: string[] = [];
  readonly ended: string[] = [];
  readonly caughtUps = new Map<string, number>();
  readonly positions: Map<string, string>;
  /** Feeds whose deliveries are not taken yet. */
  readonly gates = new Map<string, Promise<void>>();

  constructor(positions: ReadonlyMap<string, string> = new Map()) {
    this.positions = new Map(positions);
  }

  positionOf(feed: string): string | null {
    return this.positions.get(feed) ?? null;
  }

  async deliver(batch: readonly Delivery[]): Promise<void> {
    await this.gates.get(batch[0]!.feed);
    for (const delivery of batch) {
      this.deliveries.push(delivery);
      this.positions.set(delivery.feed, delivery.position);
    }
  }

  caughtUp(feed: string, timeMs: number): void {
    this.caughtUps.set(feed, timeMs);
  }

  stopped(feed: string, reason: string): void {
    this.stops.push(`${feed}: ${reason}`);
  }

  gone(feed: string): void {
    this.ended.push(feed);
  }

  /** Texts of the records, `!reason` for refusals. */
  get texts(): string[] {
    return this.deliveries.flatMap(({ items }) => items.map((item) => ('reason' in item ? `!${item.reason}` : Buffer.from(item.bytes).toString())));
  }

  get feeds(): string[] {
    return [...new Set(this.deliveries.map(({ feed }) => feed))];
  }
}

export const quietMs = 150;

/** A source that is polled fast and stopped with the test. */
export async function tailing(paths: string[], reader = new Reader(), options: Partial<TailOptions> = {}): Promise<{ reader: Reader; source: TailSource }> {
  const source = new TailSource({ name: 'edge', paths, pollMs: 5, quietMs, ...options });
  onTestFinished(() => source.stop());
  await source.start(reader);
  return { reader, source };
}

export function lines(from: number, to: number, file = 'a'): string[] {
  return Array.from({ length: to - from }, (_, n) => line(from + n, file));
}

export function text(all: readonly string[]): string {
  return all.map((one) => `${one}\n`).join('');
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}
