import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRules, playRule } from '../../../src/cli/scenario/rule-tests.ts';
import { root } from '../../support/source.ts';

const rules = join(root, 'test/data/rules');
const example = join(rules, 'new-country.yaml');
const folder = mkdtempSync(join(tmpdir(), 'tokenward-rule-tests-'));

function changed(name: string, change: (yaml: string) => string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, change(readFileSync(example, 'utf8')));
  return file;
}

test('the tests of a rule are played with that rule alone', async () => {
  expect(findRules(rules)).toEqual([example]);
  expect((await playRule(example)).map(({ name, faults }) => [name.split(': ')[1], faults])).toEqual([
    ['after a month at home, from abroad', []], ['before a week has passed', []], ['another operation from abroad', []],
  ]);
});

test('what came otherwise is named', async () => {
  const [wrong] = await playRule(changed('wrong', (yaml) => yaml.replace('alerts: 1', 'alerts: 2')));
  expect(wrong?.faults).toEqual(['1 alerts, 2 expected', expect.stringMatching(
    /^alert from 2026-03-30T02:14:00\.000Z: alice logged in from 185\.220\.101\.4 \(\w\w\), for the first time in 29 days\.$/,
  )]);
  const [refused] = await playRule(changed('refused', (yaml) => yaml.replace('format: ecs', 'format: okta.system')));
  expect(refused?.faults[0]).toBe('2 records were refused: is "format" what they are?');
});

test('a rule without tests, and one that is wrong', async () => {
  expect((await playRule(changed('bare', (yaml) => yaml.slice(0, yaml.indexOf('tests:')))))[0]?.faults).toEqual(['has no tests: add some under "tests"']);
  await expect(playRule(changed('broken', (yaml) => yaml.replace('firstSeen', 'fistSeen')))).rejects.toThrow(/broken\.yaml:5:3: .*fistSeen/);
});

test('records that are text lines stand as they are', async () => {
  const record = JSON.stringify({
    start_time: '2026-03-01T08:00:00.000Z', method: 'GET', path: '/v1/rates', response_code: 200, duration: 5, bytes_sent: 10, authority: 'api.example',
    downstream_remote_address: '198.51.100.7:4711', request_id: 'r1', jwt_payload: { iss: 'https://sso.example', sub: 'rates', azp: 'rates', jti: 'j1' },
  });
  const file = changed('lines', () => `id: lines
title: x
severity: low
message: x
match: http.response.status_code == 200
tests:
  - { name: one line, format: envoy.access, alerts: 1, events: ['${record}'] }
`);
  expect((await playRule(file))[0]?.faults).toEqual([]);
});
