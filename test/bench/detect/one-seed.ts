/** A process of its own for one estate: it takes a job, tells how far it is, and answers with what it counted. */
import { verdictsOf, type Verdict } from './oracle.ts';
import { makePeers } from './peers.ts';
import { alarmsOf, score, type Score } from './score.ts';
import { runEstate, shipped, type Settings } from './stream.ts';

export interface Job extends Settings {
  /** The fixed rules of others look on. */
  readonly rules: boolean;
  /** So many thefts are shown to somebody who knows the workloads. */
  readonly oracle: number;
}

export interface SeedResult {
  readonly seed: number;
  readonly events: number;
  readonly seconds: number;
  /** By engine and fixed rule. */
  readonly scores: readonly (readonly [string, Score])[];
  readonly verdicts: readonly Verdict[];
  /** Vendors that moved to another provider in the days that count. */
  readonly moves: number;
}

export type Told = { readonly kind: 'progress'; readonly share: number; readonly events: number } | { readonly kind: 'done'; readonly result: SeedResult };

async function run(job: Job): Promise<SeedResult> {
  const startedMs = performance.now();
  const peers = job.rules ? makePeers() : [];
  const outcome = await runEstate(job, peers.map(({ observe }) => observe), (share, events) => tell({ kind: 'progress', share, events }));
  const ours = outcome.raised.map((raised, at) => [(job.engines?.[at] ?? shipped).name, score(outcome, alarmsOf(raised))] as const);
  const theirs = peers.map(({ name, alarms }) => [name, score(outcome, alarms)] as const);
  const verdicts = verdictsOf(outcome.attacks, job.seed, job.oracle, job.historyDays);
  return {
    seed: job.seed, events: outcome.events, seconds: Math.round((performance.now() - startedMs) / 1000), scores: [...ours, ...theirs], verdicts, moves: outcome.moves,
  };
}

function tell(message: Told): void {
  process.send?.(message);
}

// Each engine clears up its own folder at the end.
process.setMaxListeners(100);
process.once('message', (job: Job) => {
  void run(job).then((result) => {
    // What is told last must be out before the channel is shut.
    process.send?.({ kind: 'done', result } satisfies Told, () => process.disconnect());
  });
});
