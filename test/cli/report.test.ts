import { Command } from 'commander';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { register } from '../../src/cli/report.ts';
import { findIncident, incidentReport, type IncidentReport } from '../../src/cli/report/incident.ts';
import { incidentPage } from '../../src/cli/report/page.ts';
import { withKnown } from '../../src/cli/known.ts';
import { readHead } from '../../src/respond/audit-head.ts';
import { CheckpointWriter } from '../../src/respond/checkpoints.ts';
import { readSigner } from '../../src/respond/deny-list/document.ts';
import { systemTiming } from '../../src/service/clock.ts';
import { auditHash } from '../../src/store/audit-hash.ts';
import { openStore } from '../../src/store/open.ts';
import { eager, run, temporaryFolder } from '../end-to-end/support.ts';
import { root } from '../support/source.ts';

const dataDir = temporaryFolder();
let alertId: string;
let bytesOut: number;
let report: IncidentReport;

beforeAll(async () => {
  const { alerts } = await run([join(root, 'test/data/real-servers/envoy/theft-access.ndjson')], { yaml: eager, dataDir });
  alertId = alerts[0]!.event.id;
  bytesOut = Number(alerts[0]!.tokenward.alert.bytes_out);
  const store = openStore(dataDir);
  const note = (subject: string) => ({ timeMs: 1_800_000_000_000, kind: 'alert.close', actor: 'ann', subject, detail: { as: 'theft' } });
  store.effects.transact(() => ({ audit: [note('another'), note(alertId)] }));
  await store.close();
  report = await told();
}, 60_000);

test('it tells the alert, what was touched and what was decided', () => {
  expect(report.alerts.map(({ id, detector, bytesOut: out }) => [id, detector, out])).toEqual([[alertId, 'unfamiliar-ip', bytesOut]]);
  expect(report.totals).toMatchObject({ alerts: 1, objects: report.objects.length });
  expect(report.objects.length).toBeGreaterThan(0);
  expect(report.objects.some(({ deviates }) => deviates)).toBe(true);
  const times = report.timeline.map(({ at }) => at);
  expect(times).toEqual([...times].sort());
  expect(report.timeline.at(-1)).toEqual({ at: '2027-01-15T08:00:00.000Z', clock: 'wall', what: 'alert.close by ann', detail: `${alertId}, entry 2 of the audit` });
});

test('its entries can be found again in the chain, whose head it names', () => {
  const { entries, head, inOrder, fault } = report.audit;
  expect({ inOrder, fault, number: head!.number }).toEqual({ inOrder: 2, fault: null, number: 2 });
  expect(entries.map(({ number }) => number)).toEqual([2]);
  for (const { number, previous, note, hash } of entries) expect(auditHash(number, previous, note)).toBe(hash);
  expect(entries[0]!.hash).toBe(head!.hash);
});

test('what stood in logs is marked wherever it stands', () => {
  const told = JSON.stringify(report.alerts);
  for (const one of report.alerts) for (const value of [one.reason, one.identity, one.token, one.address]) expect(Object.keys(value!)).toEqual(['fromLog']);
  expect(incidentPage(report)).toContain(`<span class="log">${report.alerts[0]!.address!.fromLog}</span>`);
  expect(told).toContain('"fromLog"');
});

test('the page can load and run nothing, and no text of a log becomes markup', () => {
  const hostile = '</span><script>alert(1)</script><img src=x onerror="alert(1)">\u202egnp.exe\u0000';
  const [alert] = report.alerts;
  const page = incidentPage({ ...report, alerts: [{ ...alert!, reason: { fromLog: hostile } }], timeline: [{ at: 'x', clock: 'events', what: 'y', detail: { fromLog: hostile } }] });
  const tags = [...page.replaceAll(/sha256-[^;]+/g, '').matchAll(/<\/?([^\s>]+)([^>]*)>/g)];
  expect(new Set(tags.map(([, name]) => name))).toEqual(new Set([
    '!doctype', 'html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'h2', 'p', 'span', 'code', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'br']));
  expect(new Set(tags.flatMap(([, , rest]) => [...rest!.matchAll(/([\w-]+)=/g)].map(([, name]) => name)))).toEqual(new Set(['lang', 'charset', 'http-equiv', 'content', 'class', 'scope']));
  for (const unseen of ['\u202e', '\u0000']) expect(page).not.toContain(unseen);
  expect(page.split('&lt;script&gt;alert(1)&lt;/script&gt;')).toHaveLength(3);
  expect(page).toContain('\\u{202e}gnp.exe\\u{0}');
  expect(page).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[^;]+&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">/);
});

test('an incident is found by its first characters; another is wrong usage', async () => {
  expect((await told(report.incident.id.slice(0, 6))).incident.id).toBe(report.incident.id);
  await expect(told('no-such')).rejects.toThrow('no incident has the id no-such');
});

test('nothing is written to the folder', async () => {
  const before = readFileSync(join(dataDir, 'effects.db'));
  await told();
  expect(readFileSync(join(dataDir, 'effects.db')).equals(before)).toBe(true);
});

test('with a key for checkpoints both forms are signed, and checked with its public half alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-report-'));
  const at = (name: string): string => join(folder, name);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(at('audit.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(at('audit.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(at('config.yaml'), `respond: { audit_checkpoints: { signing_key_file: ${at('audit.key')}, file: ${at('checkpoints')} } }\n`);
  const store = openStore(dataDir);
  const writer = new CheckpointWriter({ signer: readSigner(at('audit.key')), file: at('checkpoints'), effects: store.effects, timing: systemTiming, onError: () => undefined });
  await writer.stop();
  await store.close();
  await command('incident', report.incident.id.slice(0, 6), '-c', at('config.yaml'), '--data-dir', dataDir, '--json', at('report.json'), '--html', at('report.html'));
  expect(await command('verify', at('report.json'), '--key', at('audit.pub'))).toEqual({
    said: 'the report is as it was signed\n1 entries of the audit: 1 proven by signed checkpoints, 0 after the newest\n', code: 0,
  });
  expect(await command('verify', at('report.html'), '--key', at('audit.pub'))).toEqual({ said: 'the page is as it was signed\n', code: 0 });
  for (const [name, from, to] of [['report.json', '"alerts": 1', '"alerts": 2'], ['report.html', 'Timeline', 'timeline']] as const) {
    writeFileSync(at(name), readFileSync(at(name), 'utf8').replace(from, to));
    expect(await command('verify', at(name), '--key', at('audit.pub'))).toMatchObject({ said: expect.stringContaining('was changed'), code: 1 });
  }
  await expect(command('verify', at('nothing'), '--key', at('audit.pub'))).rejects.toThrow(/nothing cannot be read/);
});

/** Runs it as the command line would. */
async function command(...words: string[]): Promise<{ said: string; code: number }> {
  const program = new Command();
  register(program.exitOverride());
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    await program.parseAsync(['node', 'tokenward', 'report', ...words]);
    return { said: said.join(''), code: Number(process.exitCode ?? 0) };
  } finally {
    stderr.mockRestore();
    process.exitCode = 0;
  }
}

async function told(id = ''): Promise<IncidentReport> {
  let found: IncidentReport | null = null;
  await withKnown({ dataDir }, async (known) => {
    found = await incidentReport(findIncident(known, id), known, readHead(dataDir, known.store.effects), () => Promise.resolve(null));
  });
  return found!;
}
