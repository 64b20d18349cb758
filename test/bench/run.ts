/**
 * `npm run bench [-- --json FILE] [--rounds N] [--tokens N] [--rate N]`: the targets of this project, measured. Each
 * part runs in a process of its own. Ends with 0 whatever the figures: machines differ, and are noisy.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cloudTrailCorpus, envoyCorpus } from './corpus.ts';
import { benchFormats } from './formats.ts';
import { benchLatency } from './latency.ts';
import { benchMemory } from './memory.ts';
import { benchStage, combine, recordsFor, stages, type PipelineResult, type StageResult } from './pipeline.ts';
import { printResults, type Results } from './report.ts';
import { benchScan } from './scan.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' }, part: { type: 'string' }, rate: { type: 'string' }, stage: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' }, tokens: { type: 'string', default: '1000000' },
  },
});
const { rounds, tokens, stage } = {
  rounds: Number(options.rounds), tokens: Number(options.tokens), stage: Number(options.stage),
};

const parts: Readonly<Record<string, () => unknown>> = {
  scan: () => benchScan(),
  formats: () => benchFormats(),
  cloudTrail: () => benchStage(cloudTrailCorpus(recordsFor(rounds)), stage, rounds),
  envoy: () => benchStage(envoyCorpus(recordsFor(rounds)), stage, rounds),
  memoryMany: () => benchMemory(tokens, tokens),
  memoryFew: () => benchMemory(tokens, tokens / 20),
  latency: () => benchLatency(options.rate === undefined ? null : Number(options.rate)),
};

/** Runs one part in a process of its own. */
async function inChild(part: string, ...more: string[]): Promise<unknown> {
  process.stderr.write(`bench: ${[part, ...more].join(' ')}\n`);
  const child = fork(fileURLToPath(import.meta.url), ['--part', part, '--rounds', `${rounds}`, '--tokens', `${tokens}`, ...more], { execArgv: ['--expose-gc'] });
  const [result] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error(`the part ${part} gave no result`); })]) as [unknown];
  return result;
}

async function pipeline(part: string): Promise<PipelineResult> {
  const upTo: StageResult[] = [];
  for (const [index] of stages.entries()) upTo.push(await inChild(part, '--stage', `${index}`) as StageResult);
  return combine(upTo);
}

async function runAll(): Promise<Results> {
  const scan = await inChild('scan');
  const formats = await inChild('formats');
  const cloudTrail = await pipeline('cloudTrail');
  const envoy = await pipeline('envoy');
  const memoryMany = await inChild('memoryMany');
  const memoryFew = await inChild('memoryFew');
  const latency = await inChild('latency', ...(options.rate === undefined ? [] : ['--rate', options.rate]));
  return { scan, formats, cloudTrail, envoy, memoryMany, memoryFew, latency } as Results;
}

if (options.part !== undefined) process.send?.(await parts[options.part]?.());
else {
  const results = await runAll();
  printResults(results);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
}
