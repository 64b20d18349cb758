/**
 * `node test/bench/queue.ts [--alerts N]`: the page's queue over a stored history. What the server takes to look through the store once and to
 * filter, sort and search (median of 15, over HTTP), and when a browser first shows rows after its address is opened.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { assemble } from '../../src/assemble.ts';
import { loadFrom } from '../../src/cli/settings.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { startServer } from '../../src/server/http.ts';
import { unmeasured } from '../../src/service/health.ts';
import { makeLive } from '../../src/service/live.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';

const { values: { alerts: wanted } } = parseArgs({ options: { alerts: { type: 'string', default: '100000' } } });
const count = Number(wanted);
const chunk = 1_000;
const rounds = 15;
const detectors = ['egress-spike', 'unfamiliar-ip', 'concurrent-use', 'dormant-token-reuse'];
const folder = mkdtempSync(join(tmpdir(), 'tokenward-queue-'));
const configuration = loadFrom(null, {});
const assembly = assemble({ configuration, dataDir: folder, format: null, onEvent: () => undefined, warn: () => undefined });

for (let from = 0; from < count; from += chunk) {
  const alerts = Array.from({ length: chunk }, (_, place) => alertAt(from + place));
  assembly.store.effects.commit(batchOf({ alerts, incidents: alerts.map(({ id, incidentId, startMs }) => ({ ...incidentOf(incidentId, 1, startMs), alertIds: [id] })) }));
}

const refused = () => ({ ok: false, reason: 'unavailable' }) as const;
const readiness = () => ({ ready: true, reasons: [], store: { writable: true, lastCheckpointAgeSeconds: 1 }, sinks: [], sources: [] });
const acting = {
  desk: {} as never, triage: { note: refused, claim: refused, assign: refused, quiet: refused, lineage: () => [] }, killSwitch: { state: () => null }, actions: new Map(),
};
const { api, options } = makeLive(configuration, assembly, acting, { readiness, measures: unmeasured, canaries: () => [] });
const server = await startServer({
  host: '127.0.0.1', port: 0, credentials: null, push: [], readiness, metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }), live: options,
});
const url = `http://127.0.0.1:${server.port}`;
const began = performance.now();
api.start(() => undefined);
while (!api.isReady) await new Promise((resolve) => { setTimeout(resolve, 5); });
tell('looked through once', performance.now() - began);

const queries = {
  'first page': 'sort=severity&limit=200', 'open and high': 'status=open&severity=73&sort=newest&limit=200', 'one detector by risk': 'detector=egress-spike&sort=risk&limit=200',
  'search, many fit': 'text=workload&limit=200', 'search, one fits': `text=workload-${count - 1}&limit=200`, 'search, none fits': 'text=nowhere+to+be+found&limit=200',
  'grouped by workload': 'group=workload&limit=200',
};
for (const [name, query] of Object.entries(queries)) tell(name, await median(async () => { await (await fetch(`${url}/api/alerts?${query}`)).json(); }));

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'] });
const paints: number[] = [];
for (let round = 0; round < 5; round++) {
  const page = await browser.newPage();
  const openedMs = performance.now();
  await page.goto(url);
  await page.locator('.row').first().waitFor();
  paints.push(performance.now() - openedMs);
  await page.close();
}
tell('browser: address to rows', paints.sort((a, b) => a - b)[2] as number);
await browser.close();
api.stop();
await server.close();
await assembly.store.close();
rmSync(folder, { recursive: true, force: true });

function alertAt(place: number) {
  const name = `workload-${place}`;
  const timeMs = 1_700_000_000_000 + place * 1_000;
  return alertOf(`alert-${place}`, 1, {
    incidentId: `incident-${place}`, startMs: timeMs, endMs: timeMs, createdMs: timeMs, severity: [21, 47, 73, 99][place % 4] as number, riskScore: place % 100,
    bytesOut: (place * 7919) % 1e9, detector: detectors[place % detectors.length] as string, status: place % 5 === 0 ? 'closed' : 'open',
    reason: `${name} took ${place} times what it ever took in one hour, from a network where it was never seen.`,
    first: {
      ...emptyEvent('ecs', timeMs), identityId: `id-${place % 20_000}`, identityName: name, token: `token-${place % 30_000}`, tokenHandle: `handle-${place % 30_000}`,
      workloadId: `spiffe://example.org/${place % 5_000}`, networkBlock: '192.0.2.0/24',
    },
  });
}

async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] as number;
}

function tell(what: string, ms: number): void {
  process.stdout.write(`${what.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms\n`);
}
