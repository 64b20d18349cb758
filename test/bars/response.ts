/** Long forms of the tests of what is done about alerts. They need no server that is not their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayMs } from '../support/logs/company.ts';
import { outlive } from '../end-to-end/response/moods.ts';
import { copyOf, differences, lastDayMs, ownLogs, read, refused, startMs, theft } from '../end-to-end/response/forged.ts';
import { ResponseRig } from '../end-to-end/response/response-rig.ts';
import { settings, weather } from '../end-to-end/response/storm.ts';
import { killRevoking, killUndoing, points, undoPoints, type Outcome } from '../respond/crash-series.ts';

export interface ResponseBar {
  readonly name: string;
  /** Answers what was wrong, in words; nothing where the bar is met. `times`: kills at each point. */
  run(options: BarOptions): Promise<string[]>;
}

interface BarOptions { readonly times: number; readonly seed: number; readonly tell: (text: string) => void }

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
  {
    // A rule that flags all of 20,000 tokens, three kills, a clock that is set back and forth, and one restart in order.
    name: 'storm',
    async run({ seed, tell }) {
      const rig = await ResponseRig.open(settings);
      try {
        const tokens = 20_000;
        const after = await weather(rig, { seed, tokens, kills: 3, clockStepsMs: [-3_600_000, 3_600_000, 0, 0] }, tell);
        tell(JSON.stringify({ ...after, ended: after.ended.length }));
        const others = after.ended.filter((handle) => handle !== after.stolen).length;
        return failures({
          'all were flagged': after.flagged >= tokens, 'a few were ended, and no more than the cap': others + after.refused > 0 && others <= 8,
          'the theft was stopped': after.stolenStands === 'verified enforce' && after.ended.includes(after.stolen), 'each had one effect': after.repeated.length === 0,
          'nothing came more than once for a kill': after.deliveries - after.ended.length <= 3, 'nothing protected was touched': !after.touchedProtected,
          'people were called': after.pages === 1, 'the breaker is open': after.isBreakerOpen, 'the chain is whole': after.isChainWhole,
        });
      } finally {
        await rig.close();
      }
    },
  },
  {
    // A million calls that name a victim and were refused.
    name: 'forged',
    run: ({ tell }) => inFolder(async (folder) => {
      const past = join(folder, 'past');
      await read(folder, past, ownLogs(startMs, lastDayMs));
      const own = ownLogs(lastDayMs, lastDayMs + dayMs);
      const quiet = await read(folder, copyOf(folder, past), own);
      const after = await read(folder, copyOf(folder, past), own, refused(1_000_000));
      const differing = differences(quiet.rows, after.rows);
      tell(`${after.statistics.events} events, ${after.alerts.length} alerts; rows that differ: ${differing.join(', ')}`);
      const later = await read(folder, after.dataDir, theft);
      return failures({
        'nobody is asked to act': after.intents.length === 0, 'what is usual is the same': differing.every((row) => /^actor new$|^shadow:identity new$|^identity [0-8]$/.test(row)),
        'the later theft is stopped': later.intents.some(({ mode, kind }) => mode === 'enforce' && kind === 'revoke'),
      });
    }),
  },
  {
    // Ten thousand calls of which a third fares badly, one way or the other.
    name: 'moods',
    run: ({ seed, tell }) => inFolder(async (folder) => {
      const intents = 10_000;
      const { deliveries, states, needless, missing, repeated, foreign } = await outlive(folder, intents, seed, tell);
      tell(`${intents} intents, ${deliveries} deliveries, ${needless} of them of what was known to be done; ${JSON.stringify(states)}`);
      return failures({
        'each was done': missing.length === 0, 'each once': repeated.length === 0, 'under its own id': foreign.length === 0,
        'each ended': (states['verified'] ?? 0) + (states['unknown'] ?? 0) === intents, 'it was asked before': needless === 0,
      });
    }),
  },
];

/** What does not hold. */
function failures(claims: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [`not so: ${claim}`]));
}

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
