import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../src/model/event.ts';
import { reader } from './support.ts';

// What another project's parsers make of the same lines, where its test logs are at hand: skipped elsewhere, and the run says so.
const data = join(import.meta.dirname, '../../../../shared/data/crowdsec-hub');

/** What the peer says of one line: `Meta.http_status`, `Parsed.sent_bytes` and the like. */
type Parse = Map<string, string>;
const statement = /results\["(s0[12])-[a-z]+"\]\["([^"]+)"\]\[(\d+)\]\.(?:Evt\.([A-Za-z]+)\["([^"]+)"\] == ("(?:[^"\\]|\\.)*")|(Success) == (true))/;

/** By the text of the line. A parser that did not know a line says nothing of it. */
function parsesOf(folder: string): Map<string, Parse> {
  const entries = new Map<string, Parse>();
  for (const text of readFileSync(join(data, folder, 'parser.assert'), 'utf8').split('\n')) {
    const found = statement.exec(text);
    if (found === null) continue;
    const [, stage, parser, index, group, name, value] = found;
    const key = `${stage}|${parser}|${index}`;
    const parse = entries.get(key) ?? new Map<string, string>();
    entries.set(key, parse.set(name === undefined ? 'Success' : `${group}.${name}`, value === undefined ? 'true' : JSON.parse(value.replaceAll('\t', '\\t')) as string));
  }
  const parses = new Map<string, Parse>();
  for (const parse of entries.values()) {
    const message = parse.get('Parsed.message');
    if (message === undefined || !parse.has('Success')) continue;
    parses.set(message, new Map([...parses.get(message) ?? [], ...parse]));
  }
  return parses;
}

/** The second of an epoch time, which is as far as the peer goes. */
const second = (timeMs: number): string => String(Math.floor(timeMs / 1000));
/** The moment that the peer took is the beginning or the end. */
const moment = (event: TokenEvent, theirs: string): string => (event.endMs !== null && second(event.endMs) === theirs ? theirs : second(event.timeMs));

type Ours = (event: TokenEvent, theirs: string) => string | number | null;
/** The peer's names for a value, what makes theirs comparable, and ours. */
const compared: readonly (readonly [string, readonly string[], (theirs: string) => string, Ours])[] = [
  ['address', ['Meta.source_ip'], (theirs) => theirs, (event) => event.sourceIp],
  ['method', ['Meta.http_verb', 'Parsed.verb'], (theirs) => theirs, (event) => event.method],
  // A status of 0 is none.
  ['status', ['Meta.http_status', 'Parsed.status'], (theirs) => (theirs === '0' ? 'null' : theirs), (event) => event.status],
  ['path', ['Meta.http_path', 'Parsed.request', 'Parsed.cs_uri_stem'], (theirs) => theirs.replace(/[?#;].*/, ''), (event) => event.urlPath],
  ['agent', ['Meta.http_user_agent'], (theirs) => theirs, (event) => event.userAgent],
  ['bytes', ['Parsed.sent_bytes', 'Parsed.body_bytes_sent', 'Parsed.sc_bytes'], (theirs) => theirs, (event) => event.responseBytes],
  ['time', ['Enriched.MarshaledTime', 'Meta.timestamp'], (theirs) => second(Date.parse(theirs)), moment],
];

/** Where we differ, and why we stay with it. */
const accepted: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'aws-alb-logs': [
    ['time: 1682511775, theirs 1530570168', 'the time of creation lies years before that of the answer: the line was edited'],
    ['time: 1682511780, theirs 1530570168', 'the same'], ['time: 1682511794, theirs 1530570168', 'the same'], ['time: 1682511780, theirs 1530570168', 'the same'],
  ],
  'nginx_http-logs': [['refused: "/usr/share/nginx/html/market/index.html" is not found (2: N', 'the peer cut the head of a line of the error log; the whole line is ignored']],
  'traefik_json': [['address: 172.71.122.85, theirs 10.0.0.50', 'a header of a peer that is none of the trusted proxies is not believed']],
  'envoy-logs': [
    ['address: 10.42.0.1, theirs 192.168.1.100', 'all entries are trusted proxies: the one that the operator\'s own hop leaves, not the leftmost'],
    ['address: fd00:1234:5678::1, theirs fd00:1234:5678::5a24', 'the same'],
  ],
  'haproxy-logs': [
    ['ignored: 192.168.1.4:50033 [28/Feb/2025:02:43:10.123] frontend/backen', 'a connection that never came to a request'],
    ['ignored: 192.168.1.4:50034 [28/Feb/2025:02:43:11.234] frontend/backen', 'the same'],
  ],
};

const families = [
  'aws-alb-logs', 'aws-cloudfront-logs', 'aws-cloudtrail', 'nginx_http-logs', 'traefik_clf', 'traefik_json', 'caddy-logs', 'fastly-logs', 'envoy-logs',
  'haproxy-logs', 'keycloak-logs', 'gitlab-logs', 'teleport-logs', 'authentik-logs',
];

/** How many values agree, and where they do not. */
function compare(folder: string): { agreed: number; differences: string[] } {
  const read = reader();
  const differences: string[] = [];
  let agreed = 0;
  for (const [message, parse] of parsesOf(folder)) {
    const outcome = read(message);
    if (outcome.kind !== 'event') {
      differences.push(`${outcome.kind}: ${message.slice(0, 60)}`);
      continue;
    }
    for (const [what, names, normal, ours] of compared) {
      const theirs = names.map((name) => parse.get(name)).find((value) => value !== undefined && value !== '-' && value !== '');
      if (theirs === undefined) continue;
      const value = normal(theirs), own = String(ours(outcome.event, value));
      if (own === value) agreed += 1;
      else differences.push(`${what}: ${own}, theirs ${value}`);
    }
  }
  return { agreed, differences };
}

describe.skipIf(!existsSync(data))(`a peer's parse of the same lines${existsSync(data) ? '' : ' (absent here, so nothing was compared)'}`, () => {
  test.each(families)('%s', (folder) => {
    const { agreed, differences } = compare(folder);
    expect(differences).toEqual((accepted[folder] ?? []).map(([difference]) => difference));
    expect(agreed).toBeGreaterThan(0);
  });

  test('of the values of lines that are requests to both, at most two in a hundred differ', () => {
    const all = families.map(compare);
    const agreed = all.reduce((sum, one) => sum + one.agreed, 0);
    const differ = all.flatMap(({ differences }) => differences).filter((one) => one.includes(', theirs ')).length;
    expect(agreed).toBeGreaterThan(300);
    expect(differ / (agreed + differ)).toBeLessThan(0.02);
  });
});
