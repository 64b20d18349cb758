import { performance } from 'node:perf_hooks';
import { assemble, type Assembly } from '../../assemble.ts';
import { sourceFor } from '../../config/sources.ts';
import { readRecords } from '../../ingest/files.ts';
import type { Outcome } from '../../ingest/record.ts';
import { EventSorter } from '../../ingest/sort/sorter.ts';
import { eventDocument } from '../../model/ecs.ts';
import type { Refusal } from '../../model/quarantine.ts';
import { LineWriter } from './line-writer.ts';
import { processSorted } from './process.ts';
import { writeAlerts, type Raised } from './report.ts';
import type { ReplayRequest } from './request.ts';
import { beginRun, endRun } from './run-mark.ts';
import { Tally, type ReplayStatistics } from './statistics.ts';

/**
 * The main job over files, in event time: reads and normalizes everything, sorts by the time at which
 * records were complete, and hands the events to the same engine that the service runs. Never acts.
 */
export async function replay(request: ReplayRequest): Promise<ReplayStatistics> {
  const startedMs = performance.now();
  const cpuStart = process.cpuUsage();
  const tally = new Tally();
  const outputs = openOutputs(request.outputs);
  const assembly = assemble({
    configuration: request.configuration, dataDir: request.dataDir, format: request.format, warn: request.warn,
    onEvent: (event) => {
      tally.event(event);
      outputs.events?.line(JSON.stringify(eventDocument(event)));
    },
  });
  const sorter = new EventSorter();
  try {
    const since = beginRun(assembly.store.effects);
    noteCalls(assembly, request.ownCalls);
    await readAll(request, assembly, tally, sorter, outputs.quarantine);
    await processSorted(assembly, sorter, tally, outputs.events, request);
    await outputs.events?.close();
    const raised = await writeAlerts(assembly, since, outputs.alerts);
    request.onEnd?.(assembly, since);
    if (request.dataDir !== null) await assembly.loop.checkpoint();
    await assembly.loop.settled();
    endRun(assembly.store.effects);
    return statistics(tally, assembly, raised, (performance.now() - startedMs) / 1000, process.cpuUsage(cpuStart));
  } finally {
    sorter.dispose();
    await assembly.store.close();
    request.progress.done();
  }
}

/** Of a story: what the service in it did with its own credentials. */
function noteCalls({ engine }: Assembly, calls: ReplayRequest['ownCalls']): void {
  if (calls === undefined) return;
  engine.command({ kind: 'own-watch', atMs: 0 }, false);
  for (const call of calls) engine.command({ kind: 'own-call', call }, false);
}

/** All of them before any work: what cannot be written is known at once. */
function openOutputs({ events, alerts, quarantine }: ReplayRequest['outputs']): { readonly [K in keyof ReplayRequest['outputs']]: LineWriter | null } {
  const open = (file: string | null): LineWriter | null => (file === null ? null : new LineWriter(file));
  return { events: open(events), alerts: open(alerts), quarantine: open(quarantine) };
}

/** Reads every record; events go to the sorter, refusals to the quarantine. */
async function readAll(
  request: ReplayRequest, assembly: Assembly, tally: Tally, sorter: EventSorter, quarantine: LineWriter | null,
): Promise<void> {
  const { sources } = request.configuration;
  const refuse = (refusal: Refusal): void => {
    tally.refuse(refusal);
    assembly.effects.refuse(refusal);
    quarantine?.line(JSON.stringify(refusalDocument(refusal)));
  };
  const reading = readRecords(request.paths, { sourceOf: (path) => sourceFor(sources, path).name });
  for await (const batch of reading) {
    for (const item of batch) {
      tally.records++;
      if ('reason' in item) {
        refuse(item);
        continue;
      }
      const outcome: Outcome = assembly.normalizer.normalize(item);
      if (outcome.kind === 'event') sorter.add(outcome.event, item.origin.identity, item.origin.place, item.ordinal);
      else if (outcome.kind === 'ignored') tally.ignoredRecords++;
      else refuse(outcome.refusal);
    }
    request.progress.update(reading.bytesRead, reading.bytesTotal, 'reading');
    assembly.loop.commit();
    await quarantine?.relieve();
  }
  await quarantine?.close();
  tally.bytesIn = reading.bytesRead;
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

function statistics(tally: Tally, { correlator }: Assembly, raised: Raised, seconds: number, cpu: NodeJS.CpuUsage): ReplayStatistics {
  const counts = tally.counts();
  const { tokens, identities, workloads } = correlator.counts();
  return {
    ...counts,
    alerts: Object.values(raised.alerts).reduce((sum, one) => sum + one, 0), ...raised.hidden === 0 ? {} : { alerts_hidden: raised.hidden },
    incidents: raised.incidents, intents: raised.intents,
    tokens, identities, workloads,
    bytes_in: tally.bytesIn, seconds: round(seconds), cpu_seconds: round((cpu.user + cpu.system) / 1e6),
    max_rss_bytes: process.resourceUsage().maxRSS * 1024, events_per_second: Math.round(counts.events / Math.max(seconds, 0.001)),
    events_by_format: tally.eventsByFormat, quarantined_by_reason: tally.quarantinedByReason, alerts_by_detector: raised.alerts,
    first_event: iso(tally.firstMs), last_event: iso(tally.lastMs),
  };
}

function iso(timeMs: number): string | null {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : null;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
