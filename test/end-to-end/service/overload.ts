import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from './child.ts';
import type { Rig } from './rig.ts';
import type { Records } from './records.ts';

export interface Overload {
  readonly peakLag: number;
  /** Bytes that waited in Kafka at the worst moment. */
  readonly peakWaitingBytes: number;
  /** Resident memory at the worst moment, above that before. */
  readonly growthBytes: number;
}

/** The same records, as long as some are in practice. */
export function padded(records: Records, bytes: number): Records {
  const padding = 'x'.repeat(bytes);
  return { ...records, messages: records.messages.map((message) => ({ ...message, value: JSON.stringify({ ...JSON.parse(message.value) as object, padding }) })) };
}

/** Records come three times as fast as they are taken, then no more come until all is taken. The first `warm` are taken beforehand. */
export async function overload(rig: Rig, service: ServiceProcess, warm: number, recordsPerSecond: number): Promise<Overload> {
  const { messages } = rig.records;
  const perStep = Math.ceil(recordsPerSecond / 10);
  await rig.produce(0, warm);
  await service.settledIn();
  const beforeBytes = service.residentBytes;
  let [peakLag, peakBytes] = [0, 0];
  const look = async (): Promise<number> => {
    const lag = (await service.ready()).sources.reduce((sum, { lagRecords }) => sum + (lagRecords ?? 0), 0);
    peakLag = Math.max(peakLag, lag);
    peakBytes = Math.max(peakBytes, service.residentBytes);
    return lag;
  };
  for (let at = warm; at < messages.length; at += perStep) {
    const nextMs = performance.now() + 100;
    await rig.produce(at, Math.min(at + perStep, messages.length));
    await look();
    await sleep(Math.max(0, nextMs - performance.now()));
  }
  // Twice as long as it took to come, at the rate at which it is taken, and as much again for a busy machine.
  await service.until('the lag is gone', async () => (await look()) === 0, 1_500_000);
  return { peakLag, peakWaitingBytes: peakLag * messages.at(-1)!.value.length, growthBytes: peakBytes - beforeBytes };
}
