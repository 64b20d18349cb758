import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventOf, linesOf, reader } from '../support.ts';

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const read = reader();

interface Expected {
  readonly custom: {
    readonly network?: { readonly client?: { readonly ip?: string } };
    readonly http?: { readonly useragent?: string; readonly url_details?: { readonly host?: string } };
    readonly usr?: { readonly id?: string; readonly name?: string };
    readonly evt?: { readonly outcome?: string };
    readonly ping_federate?: { readonly transaction?: { readonly subject?: string } };
  };
  readonly timestamp?: number;
}
interface Sample { readonly sample: string; readonly result: Expected }
const samplesOf = (file: string): Sample[] => (parse(readFileSync(data + file, 'utf8')) as { tests: Sample[] }).tests;

// What other products make of the same records, where they are at hand: skipped elsewhere, and the run says so.
describe.skipIf(!existsSync(data))('as Datadog reads it', () => {
  test.each(['datadog-integrations-extras/auth0_tests.yaml', 'datadog-integrations-core/ping-federate_tests.yaml'])('%s', (file) => {
    const samples = samplesOf(file);
    expect(samples.length).toBeGreaterThan(3);
    for (const { sample, result: { custom, timestamp } } of samples) {
      const event = eventOf(read(sample));
      if (timestamp !== undefined) expect(event.timeMs).toBe(timestamp);
      expect(event.sourceIp ?? undefined).toBe(custom.network?.client?.ip);
      expect(event.userAgent ?? undefined).toBe(custom.http?.useragent);
      if (custom.evt?.outcome !== undefined) expect(event.outcome).toBe(custom.evt.outcome);
      // PingFederate's optional local user is another field; here the subject is who called.
      const subject = custom.ping_federate?.transaction?.subject;
      if (subject !== undefined) expect(event.userName).toBe(subject);
      else if (custom.usr?.name) expect(event.userName).toBe(custom.usr.name);
      if (custom.http?.url_details?.host !== undefined) expect(event.urlDomain).toBe(custom.http.url_details.host);
    }
  });
});

test.skipIf(!existsSync(data))('as CrowdSec reads authentik', () => {
  const folder = `${data}crowdsec-hub/authentik-logs/`;
  const events = linesOf(`${folder}authentik-logs.log`).map((line) => eventOf(read(line)));
  const asserted = [...readFileSync(`${folder}parser.assert`, 'utf8')
    .matchAll(/^results\["s02-enrich"\]\["crowdsecurity\/dateparse-enrich"\]\[(\d)\]\.Evt\.Meta\["(source_ip|username|timestamp|log_type)"\] == "([^"]*)"$/gm)];
  expect(asserted.length).toBe(8);
  for (const [, at, name, value] of asserted) {
    const event = events[Number(at)]!;
    if (name === 'source_ip') expect(event.sourceIp).toBe(value);
    else if (name === 'username') expect(event.userName).toBe(value);
    else if (name === 'timestamp') expect(event.timeMs).toBe(Math.floor(Date.parse(value!)));
    else expect(event.outcome).toBe('failure');
  }
});
