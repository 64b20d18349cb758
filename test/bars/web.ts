/**
 * Long forms of the tests of the live stream and the page. They need no server that is not their own, and Chromium for the page. Each has its
 * short form in `npm test`; where that is all there is to it, the bar runs the same.
 */
import { spawn } from 'node:child_process';
import { root } from '../support/source.ts';
import { crowd } from '../server/crowd.ts';
import { siege } from '../server/siege.ts';
import type { ResponseBar } from './response.ts';

const limits = { p99Ms: 500, growthBytes: 200 << 20 } as const;

export const webBars: readonly ResponseBar[] = [
  // Two thousand handshakes with a wrong origin, no ticket or a used one: none is let in, each is in the audit.
  { name: 'handshakes', run: ({ tell }) => inVitest(['test/server/handshakes.test.ts'], tell) },
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
  // Every list of hostile texts in every field that is shown: no script runs, no report of the policy, no request elsewhere.
  { name: 'markup', run: ({ tell }) => inVitest(['test/dashboards/hostile.test.ts'], tell) },
  // Each role at each route, with each kind of login; what is in no table does not exist.
  { name: 'roles', run: ({ tell }) => inVitest(['test/server/access.test.ts', 'test/server/step-up.test.ts'], tell) },
  // Sessions that end take their streams with them within seconds: by logout, by another file of accounts, at a real identity provider.
  { name: 'sessions', run: ({ tell }) => inVitest(['test/server/hub.test.ts', 'test/end-to-end/service/accounts.test.ts', 'test/end-to-end/page/keycloak-login.test.ts'], tell) },
  // A thousand alerts a second for a minute, before a browser whose keys are used meanwhile.
  { name: 'flood', run: ({ tell }) => inVitest(['test/dashboards/flood.test.ts'], tell) },
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

/** Runs tests in their long form, once; what they say themselves is passed on. */
function inVitest(files: readonly string[], tell: (text: string) => void): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--retry=0', ...files], {
      cwd: root, env: { ...process.env, TOKENWARD_BAR: 'long' }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text; });
    child.on('close', (code) => {
      for (const line of said.split('\n')) if (/^ {2}\S|passed|failed|FAIL|Error:/.test(line)) tell(line.trim());
      resolve(code === 0 ? [] : ['not all tests passed']);
    });
  });
}
