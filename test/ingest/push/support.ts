import type { Normalizer } from '../../../src/ingest/normalizer.ts';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { defaultSource } from '../../../src/ingest/formats/format.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer as RealNormalizer } from '../../../src/ingest/normalizer.ts';
import type { PushOptions } from '../../../src/ingest/push/source.ts';
import type { Delivery, Receiver } from '../../../src/ingest/live.ts';

/** Normalizers of two formats for one source, made as they are asked for. */
export function normalizers(source: string, carried: readonly string[] = ['ecs', 'envoy.access']): PushOptions['normalizerOf'] {
  const fingerprinter = new Fingerprinter(replayKey);
  const made = new Map<string, Normalizer>();
  return (format) => {
    if (!carried.includes(format)) return null;
    const sources = [{ settings: { ...defaultSource, name: source }, formats: [format] }];
    const normalizer = made.get(format) ?? new RealNormalizer(formats, { fingerprinter, sources });
    made.set(format, normalizer);
    return (record) => normalizer.normalize(record);
  };
}

/** One record of format `ecs` as a line. */
export function ecsLine(id: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ '@timestamp': '2026-11-22T02:14:00.000Z', event: { kind: 'event', id, outcome: 'success' }, tokenward: { vantage: 'edge' }, ...more });
}

/** Keeps what is delivered. */
export class Kept implements Receiver {
  readonly deliveries: Delivery[] = [];
  readonly stops: string[] = [];
  caughtUps = 0;
  /** Delivering waits for this. */
  gate: Promise<void> = Promise.resolve();
  readonly positions: Map<string, string>;

  constructor(positions: ReadonlyMap<string, string> = new Map()) {
    this.positions = new Map(positions);
  }

  positionOf(feed: string): string | null {
    return this.positions.get(feed) ?? null;
  }

  async deliver(batch: readonly Delivery[]): Promise<void> {
    await this.gate;
    for (const delivery of batch) {
      this.deliveries.push(delivery);
      this.positions.set(delivery.feed, delivery.position);
    }
  }

  caughtUp(): void {
    this.caughtUps++;
  }

  stopped(feed: string, reason: string): void {
    this.stops.push(`${feed}: ${reason}`);
  }

  gone(): void {}

  get eventIds(): string[] {
    return this.deliveries.flatMap((delivery) => (delivery.events ?? []).map((event) => event.id));
  }
}
