import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Job, SeedResult, Told } from './one-seed.ts';

/** A tenth of a run each time. */
const progressParts = 10;
/** Records live for a day of the estate: with little room for what is young they are copied over and over. */
const memory = ['--max-semi-space-size=64', '--max-old-space-size=8192'];

/**
 * Runs each job in a process of its own, so many at once; `onResult` sees results as they come. Progress goes to standard error. Throws where one
 * fails; the others are ended.
 */
export async function runJobs(jobs: readonly Job[], atOnce: number, onResult: (result: SeedResult) => void = () => undefined): Promise<SeedResult[]> {
  const stopping = new AbortController();
  const results: SeedResult[] = [];
  let next = 0;
  const take = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) {
      const result = await runJob(jobs[at] as Job, stopping.signal);
      results[at] = result;
      process.stderr.write(`seed ${result.seed}: done, ${result.events} records, ${result.seconds} s\n`);
      onResult(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, take));
  } finally {
    stopping.abort();
  }
  return results;
}

function runJob(job: Job, signal: AbortSignal): Promise<SeedResult> {
  const startedMs = performance.now();
  const child = fork(join(import.meta.dirname, 'one-seed.ts'), [], { execArgv: memory, signal });
  let told = 0;
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`seed ${job.seed} ended with ${code} and no result`)));
    child.on('message', (message: Told) => {
      if (message.kind === 'done') return resolve(message.result);
      if (message.share * progressParts < told + 1) return undefined;
      told = Math.floor(message.share * progressParts);
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      process.stderr.write(`seed ${job.seed}: ${told * 10} %, ${(message.events / 1e6).toFixed(1)} million records, ${seconds} s\n`);
      return undefined;
    });
    child.send(job);
  });
}
