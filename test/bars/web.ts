/** Long forms of the tests of the live stream. They need no server that is not their own. */
import { crowd } from '../server/crowd.ts';
import { siege } from '../server/siege.ts';
import type { ResponseBar } from './response.ts';

const limits = { p99Ms: 500, growthBytes: 200 << 20 } as const;

export const webBars: readonly ResponseBar[] = [
  {
    // 200 who never read and 200 who do, at 1,000 alerts a second; the first must be gone before the end.
    name: 'readers',
    async run({ tell }) {
      const { p50Ms, p99Ms, growthBytes, cut, gaps, gapsAfter, seen, told, busy } = await crowd({ good: 200, silent: 200, alertsASecond: 1_000, seconds: 40 });
      tell(`p50 and p99 in ms: ${p50Ms}, ${p99Ms}; ${Math.round(growthBytes / (1 << 20))} MiB more; ${cut} cut; thread busy ${Math.round(busy * 100)} %`);
      const kept = {
        'the good hear of it in time': p99Ms <= limits.p99Ms, 'the memory does not grow': growthBytes <= limits.growthBytes, 'who does not read is cut': cut === 200,
        'nothing is left out': gaps === 0 && seen === told, 'who comes back misses nothing': gapsAfter === 0,
      };
      return Object.entries(kept).filter(([, isKept]) => !isKept).map(([what]) => `not so: ${what}`);
    },
  },
  {
    // A million tiny fragments, and 20,000 sockets that begin a request and never end it.
    name: 'siege',
    async run({ tell }) {
      const { codes, left, isAlive, growthBytes } = await siege({ senders: 50, fragments: 20_000, slow: 20_000, atOnce: 4_000 });
      tell(`close codes ${JSON.stringify(codes)}; ${left} slow ones left; ${Math.round(growthBytes / (1 << 20))} MiB more`);
      const kept = { 'it lives': isAlive, 'the slow are cut': left === 0, 'the memory does not grow': growthBytes <= limits.growthBytes };
      return Object.entries(kept).filter(([, isKept]) => !isKept).map(([what]) => `not so: ${what}`);
    },
  },
];
