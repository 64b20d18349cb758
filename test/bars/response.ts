/** Long forms of the tests of what is done about alerts. They need no server that is not their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRevoking, killUndoing, points, undoPoints, type Outcome } from '../respond/crash-series.ts';

export interface ResponseBar {
  readonly name: string;
  /** Answers what was wrong, in words; nothing where the bar is met. `times`: kills at each point. */
  run(options: { readonly times: number; readonly tell: (text: string) => void }): Promise<string[]>;
}

export const responseBars: readonly ResponseBar[] = [
  {
    // One effect of each intent, and no id more than once within one life.
    name: 'executor',
    async run({ times, tell }) {
      const series = [...points.map((point) => ({ point, kill: killRevoking, dead: times + 1 })), ...undoPoints.map((point) => ({ point, kill: killUndoing, dead: 0 }))];
      const wrong: string[] = [];
      for (const { point, kill, dead } of series) {
        const outcome = await inFolder((folder) => kill(folder, point, times));
        tell(`${point}: ${outcome.kills} kills, ${outcome.intents} calls to make, ${outcome.deliveries} deliveries`);
        wrong.push(...whatIsWrong(outcome, dead).map((what) => `${point}: ${what}`));
      }
      return wrong;
    },
  },
];

function whatIsWrong({ missing, repeated, foreign, resent, isChainWhole, dead }: Outcome, expectedDead: number): string[] {
  const lists = Object.entries({ missing, repeated, foreign, resent }).flatMap(([what, ids]) => (ids.length === 0 ? [] : [`${what}: ${ids.join(' ')}`]));
  return [...lists, ...(isChainWhole ? [] : ['the audit chain is broken']), ...(dead === expectedDead ? [] : [`${dead} tokens are cut off`])];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-bar-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
