import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { metricTable } from '../../src/service/metrics.ts';
import { promtool } from '../support/servers/prometheus.ts';
import { root } from '../support/source.ts';

interface Rule { readonly alert: string; readonly expr: string; readonly labels: { readonly severity: string }; readonly annotations: { readonly summary: string } }
interface Panel { readonly type: string; readonly title: string; readonly targets?: readonly { readonly expr: string }[] }

const folder = mkdtempSync(join(tmpdir(), 'tokenward-promtool-'));
afterAll(() => rmSync(folder, { recursive: true }));
// The first run on a machine fetches Debian's package.
beforeAll(() => promtool(['--version']), 300_000);

const text = (path: string): string => readFileSync(join(root, 'dashboards', path), 'utf8');
const { rules } = (parse(text('prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }).groups[0]!;
const board = JSON.parse(text('grafana/tokenward.json')) as { panels: Panel[]; templating: { list: { name: string }[] } };
const queries = board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
/** What Grafana fills in. */
const plain = (expr: string): string => expr.replaceAll('$job', '.*');

type Named = Readonly<Record<string, { readonly kind: string; readonly labels: readonly string[] }>>;
const table: Named = metricTable;

/** Metrics of an expression that there are not, and labels that its metrics do not have. */
function unknownIn(expr: string): string[] {
  const names = [...expr.matchAll(/\btokenward_\w+/g)].map(([name]) => name);
  const metricOf = (name: string): string => {
    const base = name.replace(/_(?:bucket|sum|count)$/, '');
    return table[base]?.kind === 'histogram' && base !== name ? base : name;
  };
  const known = names.filter((name) => metricOf(name) in table && (table[metricOf(name)]!.kind !== 'histogram' || metricOf(name) !== name));
  const labels = new Set(['job', 'instance', 'alertname', 'le', ...known.flatMap((name) => table[metricOf(name)]!.labels)]);
  const used = [
    ...[...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim())),
    ...[...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => [...list!.matchAll(/(\w+)=/g)].map(([, label]) => label!)),
  ];
  return [...names.filter((name) => !known.includes(name)), ...used.filter((label) => !labels.has(label))];
}

test('the check itself finds what is not there', () => {
  expect(unknownIn('rate(tokenward_event_total[5m])')).toEqual(['tokenward_event_total']);
  expect(unknownIn('tokenward_event_delay_seconds > 1')).toEqual(['tokenward_event_delay_seconds']);
  expect(unknownIn('sum by (sink) (tokenward_feeds_stopped{lane="x"})')).toEqual(['sink', 'lane']);
});

test('Prometheus takes the rules, and each fires when it should and only then', async () => {
  const prometheus = join(root, 'dashboards/prometheus');
  expect(await promtool(['check', 'rules', join(prometheus, 'rules.yml')])).toMatchObject({ status: 0 });
  expect(await promtool(['test', 'rules', join(prometheus, 'rules.test.yml')])).toMatchObject({ status: 0 });
});

test('each rule names metrics that exist, says how bad it is and what it means, and has a test', () => {
  const tests = text('prometheus/rules.test.yml');
  for (const { alert, expr, labels, annotations } of rules) {
    expect([alert, unknownIn(expr)]).toEqual([alert, []]);
    expect(labels.severity).toMatch(/^(?:warning|critical)$/);
    expect(annotations.summary).toMatch(/\.$/);
    expect(tests).toContain(`alertname="${alert}"`);
  }
});

test('each query of the Grafana dashboard names metrics and labels that exist, and Prometheus can read it', async () => {
  expect(queries.length).toBeGreaterThan(30);
  expect(queries.flatMap(({ title, expr }) => unknownIn(expr).map((name) => `${title}: ${name}`))).toEqual([]);
  const file = join(folder, 'queries.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'grafana', rules: queries.map(({ expr }, place) => ({ record: `query:${place}`, expr: plain(expr) })) }] }));
  expect(await promtool(['check', 'rules', file])).toMatchObject({ status: 0 });
});

test('panels have titles of their own and lie on the grid without overlapping', () => {
  const titles = board.panels.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  const taken = new Set<string>();
  for (const { gridPos: { x, y, w, h } } of board.panels as (Panel & { gridPos: { x: number; y: number; w: number; h: number } })[]) {
    expect(x + w).toBeLessThanOrEqual(24);
    for (let across = x; across < x + w; across++) {
      for (let down = y; down < y + h; down++) {
        expect(taken.has(`${across},${down}`)).toBe(false);
        taken.add(`${across},${down}`);
      }
    }
  }
});
