import { performance } from 'node:perf_hooks';
import { assemble, type Assembly } from '../../assemble.ts';
import type { Configuration } from '../../config/configuration.ts';
import { sourceFor } from '../../config/sources.ts';
import { EventSorter } from '../../ingest/sort/sorter.ts';
import { readRecords } from '../../ingest/files.ts';
import { eventDocument } from '../../model/ecs.ts';
import type { Refusal } from '../../model/quarantine.ts';
import type { Progress } from '../progress.ts';
import { LineWriter } from './line-writer.ts';
import { processSorted } from './process.ts';
import { writeAlerts } from './report.ts';
import { count, Tally, type ReplayStatistics } from './statistics.ts';

export interface ReplayRequest {
  readonly paths: readonly string[];
  readonly configuration: Configuration;
  /** Only this format; `null` decides record by record. */
  readonly format: string | null;
  /** Where the state is kept; `null` forgets it at the end. */
  readonly dataDir: string | null;
  /** Files for the results: `null` for none, `-` for standard output. */
  readonly outputs: { readonly events: string | null; readonly alerts: string | null; readonly quarantine: string | null };
  readonly progress: Progress;
  readonly warn: (text: string) => void;
}

/**
 * The main job over files, in event time: reads and normalizes everything, sorts by the time at which
 * records were complete, and hands the events to the same engine that the service runs. Never acts.
 */
export async function replay(request: ReplayRequest): Promise<ReplayStatistics> {
  const startedMs = performance.now();
  const cpuStart = process.cpuUsage();
  const tally = new Tally();
  const events = open(request.outputs.events);
  const assembly = await assemble({
    configuration: request.configuration, dataDir: request.dataDir, format: request.format, warn: request.warn,
    onEvent: (event) => {
      tally.event(event);
      events?.line(JSON.stringify(eventDocument(event)));
    },
  });
  const sorter = new EventSorter();
  try {
    const bytes = await readAll(request, assembly, tally, sorter);
    await processSorted(assembly, sorter, tally, events, request);
    await events?.close();
    const changed = await writeAlerts(assembly, open(request.outputs.alerts));
    await assembly.finish();
    return statistics(tally, assembly, changed, bytes, (performance.now() - startedMs) / 1000, process.cpuUsage(cpuStart));
  } finally {
    await sorter.dispose();
    await assembly.close();
    request.progress.done();
  }
}

function open(file: string | null): LineWriter | null {
  return file === null ? null : new LineWriter(file === '-' ? null : file);
}

/** Reads every record; events go to the sorter, refusals to the quarantine. Returns the bytes read. */
async function readAll(request: ReplayRequest, assembly: Assembly, tally: Tally, sorter: EventSorter): Promise<number> {
  const quarantine = open(request.outputs.quarantine);
  const { sources } = request.configuration;
  const refuse = (refusal: Refusal): void => {
    tally.quarantined++;
    count(tally.quarantinedByReason, refusal.reason);
    assembly.effects.refuse(refusal);
    quarantine?.line(JSON.stringify(refusalDocument(refusal)));
  };
  const reading = readRecords(request.paths, { sourceOf: (path) => sourceFor(sources, path).name });
  for await (const batch of reading) {
    for (const item of batch) {
      tally.records++;
      const outcome = 'reason' in item ? { kind: 'refused' as const, refusal: item } : assembly.normalizer.normalize(item);
      if (outcome.kind === 'event' && 'ordinal' in item) sorter.add(outcome.event, item.origin.identity, item.origin.place, item.ordinal);
      else if (outcome.kind === 'ignored') tally.ignoredRecords++;
      else if (outcome.kind === 'refused') refuse(outcome.refusal);
    }
    request.progress.update(reading.bytesRead, reading.bytesTotal, 'reading');
    await quarantine?.relieve();
    await sorter.relieve();
  }
  await quarantine?.close();
  return reading.bytesRead;
}

function refusalDocument(refusal: Refusal): object {
  return {
    log: { file: { path: refusal.path }, offset: refusal.offset },
    tokenward: {
      ...(refusal.index === null ? {} : { input: { index: refusal.index } }),
      quarantine: { reason: refusal.reason, detail: refusal.detail, length: refusal.length },
    },
  };
}

function statistics(
  tally: Tally, assembly: Assembly, changed: { alerts: Record<string, number>; incidents: number },
  bytesIn: number, seconds: number, cpu: NodeJS.CpuUsage,
): ReplayStatistics {
  const counts = tally.counts();
  const { tokens, identities, workloads } = assembly.correlation.counts();
  const iso = (timeMs: number): string | null => (Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : null);
  return {
    ...counts,
    alerts: Object.values(changed.alerts).reduce((sum, one) => sum + one, 0), incidents: changed.incidents, intents: 0,
    tokens, identities, workloads,
    bytes_in: bytesIn, seconds: round(seconds), cpu_seconds: round((cpu.user + cpu.system) / 1e6),
    max_rss_bytes: process.resourceUsage().maxRSS * 1024, events_per_second: Math.round(counts.events / Math.max(seconds, 0.001)),
    events_by_format: tally.eventsByFormat, quarantined_by_reason: tally.quarantinedByReason, alerts_by_detector: changed.alerts,
    first_event: iso(tally.firstMs), last_event: iso(tally.lastMs),
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
