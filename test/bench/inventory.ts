/**
 * How long `inventory` takes over 50,000 tokens: makes a data folder of what so many tokens leave behind after some millions of events,
 * then runs the command as people do, and prints its wall and processor times. `node test/bench/inventory.ts [EVENTS]`; default 5 million.
 * What is kept of a token's uses does not grow with their number, so fewer events give a folder of the same size.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Correlator } from '../../src/correlate/correlator.ts';
import { openCorrelateState } from '../../src/correlate/state.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { State } from '../../src/state/state.ts';
import { openStore } from '../../src/store/open.ts';
import { fingerprint } from '../correlate/support.ts';
import { medianOf } from './detect/report.ts';

const tokens = 50_000;
const events = Number(process.argv[2] ?? 5_000_000);
const runs = 3;
/** Tells at its end what processor time the program took, its start included. */
const clock = 'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write("cpu "+(user+system)+"\\n")})';
const startMs = Date.UTC(2026, 0, 5);
/** Between two events: the whole covers 120 days. */
const stepMs = 120 * 24 * 3_600_000 / events;

/** Half of them keys, each with users in two networks; half tokens of 2,000 clients. */
function eventOf(number: number, token: number, isIssuance: boolean): TokenEvent {
  const event = emptyEvent('bench', startMs + Math.floor(number * stepMs));
  const isKey = token % 2 === 0;
  const identity = isKey ? `keys|${token >> 1}` : `sso|client-${(token >> 1) % 2000}`;
  const [kind, print, handle] = [isKey ? 'api_key' : 'jwt', fingerprint(`t${token}`), `handle-${token}`] as const;
  const issuer = isKey ? 'keys' : 'sso';
  const whole = { outcome: 'success', authenticated: true, tokenIssuer: issuer, orderMs: event.timeMs } as const;
  if (isIssuance) {
    return Object.assign(event, {
      ...whole, lifecycle: 'issued', vantage: 'iam', issued: print, issuedHandle: handle, issuedKind: kind, issuedIdentityId: identity,
      issuedExpiresAtMs: isKey ? null : event.timeMs + 3_600_000, identityId: 'admin', identityKind: 'human',
    });
  }
  return Object.assign(event, {
    ...whole, lifecycle: 'used', token: print, tokenKind: kind, tokenHandle: handle, identityId: identity, identityKind: 'service', identityName: identity,
    networkBlock: `10.${token % 250}.${number % 2}.0/24`, userAgent: 'python-requests/2.32', workloadId: `spiffe://example.org/w${token % 5000}`,
    workloadKind: 'spiffe', workloadEvidence: 'event', method: number % 3 === 0 ? 'POST' : 'GET', resourceId: `api${token % 40}/orders/${number % 5}`,
    scopes: ['orders:read', 'orders:write', 'billing:read'],
  });
}

async function fill(dir: string): Promise<void> {
  const store = openStore(dir);
  const state = new State(store.state, store.seed);
  const correlator = new Correlator(openCorrelateState(state));
  for (let number = 0; number < events; number++) {
    const token = number % tokens;
    const { event } = correlator.correlate(eventOf(number, token, number < tokens));
    if (event !== null && number >= tokens) correlator.dependents.note(event);
    if (number % 500_000 === 499_999) process.stderr.write(`${number + 1} events\n`);
  }
  await store.state.write({ change: 0, positions: new Map(), ...state.takeDirty() });
  state.done();
  await store.close();
}

const dir = mkdtempSync(join(tmpdir(), 'tokenward-bench-'));
try {
  await fill(dir);
  for (const options of [[], ['--json'], ['--csv'], ['--flaws'], ['--as-of', '2026-04-01']]) {
    const [wall, processor]: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      const words = ['--import', clock, 'src/main.ts', 'inventory', '--data-dir', dir, ...options];
      const { stderr, status } = spawnSync(process.execPath, words, { maxBuffer: 1 << 30 });
      if (status !== 0) throw new Error(stderr.toString());
      wall.push(performance.now() - began);
      processor.push(Number(/cpu (\d+)/.exec(stderr.toString())?.[1]) / 1000);
    }
    process.stdout.write(`inventory ${options.join(' ')}: ${Math.round(medianOf(wall))} ms, of the processor ${Math.round(medianOf(processor))} ms, median of ${runs}\n`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
