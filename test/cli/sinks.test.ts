import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { register } from '../../src/cli/sinks.ts';
import { fileWith } from '../sinks/templates/rig.ts';
import { makeFolder } from '../store/support.ts';
import { startJira, startPagerDuty, startSlack, startTeams } from '../support/siem/services.ts';
import { startSplunk } from '../support/siem/splunk.ts';

afterEach(() => { vi.restoreAllMocks(); });

/** What `sinks test NAME` says to people. */
async function testSink(section: object): Promise<string> {
  const file = join(makeFolder(), 'tokenward.yaml');
  writeFileSync(file, stringify({ sinks: [{ name: 'desk', ...section }] }));
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const program = new Command().exitOverride();
  register(program);
  await program.parseAsync(['node', 'tokenward', 'sinks', 'test', 'desk', '--config', file]);
  return said;
}

const local = { allow_private: true };

test('a marked test alert goes where it is to go, also where a filter would keep it away', async () => {
  const pager = await startPagerDuty('R0UTINGKEY');
  const section = { ...local, type: 'pagerduty', url: pager.url, routing_key_file: fileWith('R0UTINGKEY'), filter: { severity: 'critical' } };
  expect(await testSink(section)).toMatch(/^desk took the test alert test-\d+\n$/);
  expect(pager.bodies[0]).toMatchObject({ event_action: 'trigger', payload: { summary: '[low] Test alert of Tokenward: tokenward-test' } });
});

test('to each kind of service', async () => {
  const [slack, jira, teams, splunk] = await Promise.all([
    startSlack('xoxb', 'C0123456789'), startJira(`Basic ${Buffer.from('u:p').toString('base64')}`), startTeams(), startSplunk(true),
  ]);
  const path = join(makeFolder(), 'alerts.ndjson');
  const sections = [
    { ...local, type: 'slack', url: slack.url, channel: 'C0123456789', token_file: fileWith('xoxb') },
    { ...local, type: 'jira', url: jira.url, username: 'u', token_file: fileWith('p'), project: 'SEC' },
    { ...local, type: 'teams', url_file: fileWith(`${teams.url}/workflows/abc/triggers/manual/paths/invoke?sig=secret-canary`) },
    { ...local, type: 'splunk', url: splunk.url, token_file: fileWith(splunk.token), acknowledge: true },
    { type: 'file', path },
  ];
  for (const section of sections) expect(await testSink(section)).toContain('desk took the test alert');
  expect([slack, jira, teams, splunk].flatMap(({ faults }) => faults)).toEqual([]);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ tags: ['tokenward-test'] });
});

test('what went wrong is a word, and no secret', async () => {
  const splunk = await startSplunk(false);
  const section = { ...local, type: 'splunk', url: splunk.url, token_file: fileWith('secret-canary') };
  await expect(testSink(section)).rejects.toThrow(/^desk did not take the test alert: unauthorized$/);
  await expect(testSink({ ...local, type: 'syslog', host: '127.0.0.1', port: 1, protocol: 'tcp' })).rejects.toThrow('desk did not take the test alert: unreachable');
  await expect(testSink({ type: 'syslog', host: '127.0.0.1', port: 1, protocol: 'tcp' })).rejects.toThrow('address_not_allowed');
});
