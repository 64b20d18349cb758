import type { FormatResult } from './formats.ts';
import type { LatencyResult } from './latency.ts';
import type { Bytes, MemoryResult } from './memory.ts';
import type { PipelineResult } from './pipeline.ts';
import type { ScanResult } from './scan.ts';

export interface Results {
  readonly scan: readonly ScanResult[];
  readonly formats: readonly FormatResult[];
  readonly cloudTrail: PipelineResult;
  readonly envoy: PipelineResult;
  readonly memoryMany: MemoryResult;
  readonly memoryFew: MemoryResult;
  readonly latency: LatencyResult;
}

const targets = {
  cloudTrailRatio: 0.4, envoyRatio: 0.3, bytesPerToken: 96, bytesPerIdentity: 2048, p99Ms: 100, formatSpeed: 0.25,
  correlationShare: 0.15, detectionToParsing: 1,
} as const;

/** Prints what was measured, and each target with whether it was met. */
export function printResults({ scan, formats, cloudTrail, envoy, memoryMany, memoryFew, latency }: Results): void {
  title('Reading records, against JSON.parse of the same (time; below 1 is faster)');
  for (const one of scan) line(one.name, `${one.ratio.toFixed(2)} with values, ${one.scanRatio.toFixed(2)} scan alone`);
  title('Formats on their sample records: speed against JSON.parse, of text against a plain split; below a quarter is marked');
  for (const { format, kind, meanBytes, microseconds, speed } of formats) {
    line(`${format}, ${kind} of ${whole(meanBytes)} B`, `${microseconds.toFixed(2)} us, ${speed.toFixed(2)}${speed < targets.formatSpeed ? ' *' : ''}`);
  }
  for (const one of [cloudTrail, envoy]) printPipeline(one);
  title('Memory');
  for (const { tokens, identities, perIdentity, perToken } of [memoryMany, memoryFew]) {
    const name = `${whole(tokens)} tokens, ${whole(identities)} identities`;
    line(name, `per identity with its first token ${bytes(perIdentity)}${perToken === null ? '' : `; per further token ${bytes(perToken)}`}`);
  }
  title(`From event to stored alert, at ${whole(latency.eventsPerSecond)} events/s beside checkpoints of ${whole(latency.rowsPerCheckpoint)} rows`);
  line(`${whole(latency.alerts)} alerts, ${latency.checkpoints} checkpoints`, `p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms`);
  title('Targets');
  atLeast('CloudTrail, of the JSON.parse limit', cloudTrail.ratio, targets.cloudTrailRatio);
  atLeast('Envoy, of the JSON.parse limit', envoy.ratio, targets.envoyRatio);
  for (const one of [cloudTrail, envoy]) printStageTargets(one);
  atMost('bytes per known token', memoryFew.perToken?.resident ?? Number.NaN, targets.bytesPerToken);
  atMost('bytes per active identity', memoryMany.perIdentity.resident, targets.bytesPerIdentity);
  atMost('p99 from event to stored alert, ms', latency.p99Ms, targets.p99Ms);
}

function printPipeline(result: PipelineResult): void {
  title(`${result.corpus}: ${whole(result.records)} records of ${whole(result.meanBytes)} B, ${result.alerts} alerts`);
  line('JSON.parse(buf.toString())', `${whole(result.parsePerCpuSecond)} per CPU second`);
  line('records in, alerts stored', `${whole(result.eventsPerCpuSecond)} per CPU second, ${whole(result.eventsPerSecond)} per second, ${result.ratio.toFixed(3)} of the limit`);
  const sum = Object.values(result.stages).reduce((total, one) => total + one, 0);
  for (const [stage, microseconds] of Object.entries(result.stages)) {
    line(`  ${stage}`, `${microseconds.toFixed(2)} us, ${(100 * microseconds / sum).toFixed(0)} %`);
  }
}

/** Correlating and detecting, as far as the stages are apart. What correlation is asked for later counts as detection. */
function printStageTargets({ corpus, stages }: PipelineResult): void {
  const sum = Object.values(stages).reduce((total, one) => total + one, 0);
  const { correlate = Number.NaN, detect = Number.NaN, 'scan and normalize': parsing = Number.NaN } = stages;
  atMost(`${corpus}, correlation's share of an event`, correlate / sum, targets.correlationShare, 3);
  atMost(`${corpus}, detection against reading`, detect / parsing, targets.detectionToParsing, 3);
}

function atLeast(name: string, value: number, target: number): void {
  line(name, `${value.toFixed(3)}, target >= ${target}: ${value >= target ? 'met' : 'not met'}`);
}

function atMost(name: string, value: number, target: number, digits = 0): void {
  line(name, `${value.toFixed(digits)}, target <= ${target}: ${value <= target ? 'met' : 'not met'}`);
}

function bytes({ resident, live }: Bytes): string {
  return `${whole(resident)} B resident, ${whole(live)} B live`;
}

function title(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

function line(name: string, text: string): void {
  process.stdout.write(`  ${name.padEnd(44)} ${text}\n`);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
