import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricTable, Metrics } from '../../src/service/metrics.ts';
import { promtool } from '../support/servers/prometheus.ts';
import { root } from '../support/source.ts';

/** Name -> help, kind of all that a page declares. */
function declared(page: string): Record<string, { help: string; kind: string }> {
  const help = new Map([...page.matchAll(/^# HELP (\S+) (.*)$/gm)].map((match) => [match[1]!, match[2]!]));
  return Object.fromEntries([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => [match[1]!, { help: help.get(match[1]!)!, kind: match[2]! }]));
}

describe('the table of metrics', () => {
  it('is what the page declares, in both directions', async () => {
    const page = declared(await new Metrics().text());
    const table = Object.fromEntries(Object.entries(metricTable).map(([name, { help, kind }]) => [name, { help, kind }]));
    expect(page).toEqual(table);
  });

  it('keeps to the conventions of names', () => {
    for (const [name, { kind, help }] of Object.entries(metricTable)) {
      expect(name).toMatch(/^tokenward_[a-z_]+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/^\S.*\.$/);
    }
  });

  it('passes promtool', async () => {
    const metrics = new Metrics();
    metrics.count('tokenward_events_total', { format: 'ecs' }, 3);
    metrics.observe('tokenward_commit_seconds', {}, 0.01);
    expect(await promtool(['check', 'metrics'], await metrics.text())).toEqual({ status: 0, text: '' });
  }, 300_000);
});

it('tells a quantile within the bucket that holds it, over all labels; nothing of what was not measured', async () => {
  const metrics = new Metrics();
  expect(await metrics.quantile('tokenward_commit_seconds', 0.99)).toBeNull();
  for (let count = 0; count < 99; count++) metrics.observe('tokenward_canary_delay_seconds', { canary: count % 2 === 0 ? 'a' : 'b' }, 0.02);
  metrics.observe('tokenward_canary_delay_seconds', { canary: 'a' }, 2);
  const [half, most, all] = await Promise.all([0.5, 0.99, 1].map((share) => metrics.quantile('tokenward_canary_delay_seconds', share)));
  expect(half).toBeGreaterThan(0.01);
  expect(half).toBeLessThan(0.025);
  expect(most).toBe(0.025);
  expect(all).toBe(2.5);
  metrics.observe('tokenward_commit_seconds', {}, 1e6);
  expect(await metrics.quantile('tokenward_commit_seconds', 0.99), 'beyond all bounds').toBe(600);
});

/** Renew it with `RENEW_DOCS=1 npx vitest run test/service/metrics.test.ts`. */
it('docs/metrics.md lists every metric', () => {
  const rows = Object.entries<{ kind: string; help: string; labels: readonly string[] }>(metricTable)
    .map(([name, { kind, help, labels }]) => `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  const page = join(root, 'docs/metrics.md');
  const text = readFileSync(page, 'utf8');
  const renewed = text.replace(/\| metric \|[\s\S]*$/, `| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n${rows.sort().join('\n')}\n`);
  if (process.env['RENEW_DOCS'] !== undefined) writeFileSync(page, renewed);
  expect(readFileSync(page, 'utf8')).toBe(renewed);
});

describe('values', () => {
  it('are counted, set and measured', async () => {
    const metrics = new Metrics();
    metrics.count('tokenward_alerts_total', { detector: 'egress-spike', severity: '73' });
    metrics.count('tokenward_alerts_total', { detector: 'egress-spike', severity: '73' }, 2);
    metrics.set('tokenward_source_lag_records', { source: 'gateway.access' }, 12);
    metrics.observe('tokenward_event_delay_seconds', {}, 0.3);
    const page = await metrics.text();
    expect(page).toContain('tokenward_alerts_total{detector="egress-spike",severity="73"} 3');
    expect(page).toContain('tokenward_source_lag_records{source="gateway.access"} 12');
    expect(page).toContain('tokenward_event_delay_seconds_bucket{le="0.5"} 1');
    expect(page).toContain('tokenward_event_delay_seconds_bucket{le="0.25"} 0');
    metrics.forget('tokenward_source_lag_records', { source: 'gateway.access' });
    expect(await metrics.text()).not.toContain('gateway.access');
  });

  it('of too many labels share one line', async () => {
    const metrics = new Metrics();
    for (let n = 0; n < 1500; n++) metrics.count('tokenward_quarantined_total', { reason: `reason ${n}` });
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('tokenward_quarantined_total{'));
    expect(lines).toHaveLength(1001);
    expect(lines).toContain('tokenward_quarantined_total{reason="other"} 500');
  });

  it('of the processor only grow', async () => {
    const metrics = new Metrics();
    const read = async (): Promise<number> => Number(/^tokenward_cpu_seconds_total (\S+)$/m.exec(await metrics.text())![1]);
    const first = await read();
    expect(first).toBeGreaterThan(0);
    expect(await read()).toBeGreaterThanOrEqual(first);
  });
});
