import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import { sinkSection } from '../../src/config/sink-schema.ts';
import { makeFolder } from '../store/support.ts';

const uuid = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';
const rule = `dcr-${'0'.repeat(32)}`;

/** One of each type, with no more than must be there. */
const least: readonly Record<string, unknown>[] = [
  { type: 'elasticsearch', nodes: ['https://e:9200'] }, { type: 'kafka' }, { type: 'webhook', url: 'https://x.example/', secret_file: 's' }, { type: 'stdout' },
  { type: 'file', path: 'alerts.ndjson' }, { type: 'opensearch', nodes: ['https://o:9200'] }, { type: 'syslog', host: 'siem.example' },
  { type: 'splunk', url: 'https://splunk.example:8088', token_file: 's' }, { type: 'pagerduty', routing_key_file: 's' },
  { type: 'slack', token_file: 's', channel: 'C0123456789' }, { type: 'teams', url_file: 's' },
  { type: 'jira', url: 'https://x.atlassian.net', username: 'u', token_file: 's', project: 'SEC' },
  { type: 'servicenow', url: 'https://x.service-now.com', username: 'u', password_file: 's' },
  { type: 'sentinel', url: 'https://x.ingest.monitor.azure.com', rule_id: rule, tenant_id: uuid, client_id: uuid, client_secret_file: 's' },
  { type: 'google_secops', project: 'p', location: 'eu', instance: uuid, credentials_file: 's' },
];

test.each(least.map((section) => [section['type'], section] as const))('%s: what must be there is enough, a filter may be, nothing else', (_, section) => {
  expect(sinkSection.safeParse({ name: 'a', ...section }).error).toBe(undefined);
  expect(sinkSection.safeParse({ name: 'a', filter: { severity: 'high', detectors: ['egress-spike'], labels: ['x'] }, ...section }).success).toBe(true);
  expect(sinkSection.safeParse({ name: 'a', filter: { severity: 'urgent' }, ...section }).success).toBe(false);
  expect(sinkSection.safeParse({ name: 'a', token: 'in the clear', ...section }).success).toBe(false);
  for (const key of Object.keys(section).filter((one) => one !== 'type')) {
    expect([key, sinkSection.safeParse({ name: 'a', ...section, [key]: undefined }).success]).toEqual([key, false]);
  }
});

test.each([
  ['slack', { channel: '#alerts' }], ['syslog', { facility: 24 }], ['syslog', { port: 0 }], ['syslog', { format: 'json' }], ['file', { max_size: '1KiB' }],
  ['jira', { project: 'sec" OR 1' }], ['servicenow', { table: 'incident/../x' }], ['sentinel', { rule_id: 'x' }], ['google_secops', { location: 'eu/..' }], ['splunk', { url: 'ftp://x' }],
])('%s: %j is refused', (type, part) => {
  const section = least.find((one) => one['type'] === type)!;
  expect(sinkSection.safeParse({ name: 'a', ...section, ...part }).success).toBe(false);
});

function problemsOf(sink: string): string {
  const file = join(makeFolder(), 'tokenward.yaml');
  writeFileSync(file, `sinks:\n  - ${sink}\n`);
  try {
    loadConfiguration({ file, environment: {}, detectors });
    return '';
  } catch (error) {
    return (error as Error).message.replaceAll(/^\S*tokenward\.yaml/gm, 'tokenward.yaml');
  }
}

test('a secret\'s file that is not there, and a detector that nobody knows, are told with their lines', () => {
  expect(problemsOf('{ name: a, type: slack, token_file: missing.token, channel: C0123456789 }')).toMatch(/^tokenward\.yaml:2:.*missing\.token/);
  expect(problemsOf('{ name: a, type: stdout, filter: { detectors: [egress-spik] } }')).toMatch(/^tokenward\.yaml:2:.*unknown detector "egress-spik"\n.*egress-spike/);
  expect(problemsOf('{ name: a, type: stdout, filter: { detectors: [egress-spike] } }')).toBe('');
});

test('a certificate needs its key', () => {
  const certificate = join(makeFolder(), 'cert.pem');
  writeFileSync(certificate, 'pem');
  expect(problemsOf(`{ name: a, type: syslog, host: siem.example, cert_file: ${certificate} }`)).toContain('sink "a" needs "cert_file" and "key_file" together');
});
