import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, sharedData, type Run } from './support.ts';

// What becomes of every record of the larger data that stands beside the repository on some machines. A change of a number is a change of
// what is recognised, and wants a look; `files.tsv` beside the table tells it by file. Written anew by `npx vitest run -u` on this file.
const data = sharedData();

/** Why records are refused. In every folder: the lines of licences and of the notes on origin. */
const reasons: Readonly<Record<string, string>> = {
  'azure-public-dataset': 'traces of functions and machines, no log',
  'crowdsec-hub': 'logs of products that are no format, most of them lines about connections; what parsers are expected to make; lines without a time',
  'datadog-integrations-core': 'samples quoted in YAML',
  'datadog-integrations-extras': 'samples quoted in YAML',
  hostile: 'made to be refused',
  'invictus-aws': 'descriptions',
  nab: 'measurements, no log',
  'opensearch-catalog': 'documents of another schema; logs of a firewall',
  'otrf-security-datasets': 'logs of endpoints; a table of a product',
  'panther-analysis': 'other products; events cut down to the few fields that a rule looks at, without a time, or without what tells the product',
  'plaso-test-data': 'a program\'s own log entries',
  'real-servers': 'what the scripts noted of themselves; logs of servers that are no format; a record cut off by a kill',
  traildiscover: 'descriptions of events',
};

/** Of these every alert is frozen; `docs/real-data.md` says what each is worth. */
const judged: ReadonlySet<string> = new Set(['invictus-aws', 'otrf-security-datasets', 'panther-analysis', 'traildiscover', 'azure-public-dataset']);

function rowOf(folder: string, alert: Run['alerts'][number]): string {
  const { identity, token } = alert.tokenward;
  return [folder, alert.rule.id, alert.event.severity, token?.handle ?? '-', identity?.name ?? identity?.id ?? '-', alert.event.start].join('\t');
}

describe.skipIf(data === null)(`larger data${data === null ? ' (absent here, so nothing was counted)' : ''}`, () => {
  test('every record is an event, a duplicate, ignored, or refused for a stated reason', async () => {
    const raised = ['folder\tdetector\tseverity\ttoken\tidentity\tfirst'];
    const rows = ['folder\tevents\tduplicates\tignored\trefused\twhy'];
    for (const folder of readdirSync(data!).sort()) {
      const { statistics, alerts } = await run([join(data!, folder)]);
      if (judged.has(folder)) raised.push(...alerts.map((alert) => rowOf(folder, alert)));
      const { records, events, duplicates, ignored, quarantined } = statistics;
      expect([folder, events + duplicates + ignored + quarantined]).toEqual([folder, records]);
      const refused = Object.entries(statistics.quarantined_by_reason).sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, count]) => `${reason} ${count}`);
      rows.push([folder, events, duplicates, ignored, refused.join(', ') || '-', reasons[folder] ?? '-'].join('\t'));
    }
    expect(raised.filter((row) => row.startsWith('invictus-aws')).length).toBeLessThanOrEqual(15);
    await expect(`${raised.join('\n')}\n`).toMatchFileSnapshot('../data/counts/alerts.tsv');
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('../data/counts/folders.tsv');
  }, 120_000);
});
