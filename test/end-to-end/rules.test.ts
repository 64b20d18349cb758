import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';
import { configure, run, temporaryFolder, tokenward } from './support.ts';

// A rule is a detector like any other: its memory is kept, its alerts are known to policy and exceptions, and outlive it.
const folder = temporaryFolder();
const day = 86_400_000;
const startMs = Date.UTC(2026, 2, 1, 8);

/** A call on a day. */
function call(onDay: number, agent: string): string {
  return `${JSON.stringify({
    start_time: new Date(startMs + onDay * day).toISOString(), method: 'GET', path: '/v1/rates', response_code: 200, duration: 5, bytes_sent: 10,
    authority: 'api.example', downstream_remote_address: '198.51.100.7:4711', request_id: `${onDay}-${agent}`, user_agent: agent,
    jwt_payload: { iss: 'https://sso.example', sub: 'rates', azp: 'rates', jti: 'j1' },
  })}\n`;
}

function put(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const rule = put('rule.yaml', `id: new-program
title: Another program
match: firstSeen(user_agent.original)
learn: 10d
message: "{identity.name} called with {user_agent.original}"
severity: medium
`);
const first = put('first.ndjson', Array.from({ length: 12 }, (_, onDay) => call(onDay, onDay === 3 ? 'probe/2' : 'rates/1')).join(''));
const second = put('second.ndjson', [call(12, 'rates/1'), call(13, 'probe/2'), call(14, 'curl/8')].join(''));
const ours = (alerts: Awaited<ReturnType<typeof run>>['alerts']) => alerts.filter((alert) => alert.rule.id === 'rule:new-program');

test('what it remembers outlives the process; its alerts outlive the rule', async () => {
  const [dataDir, yaml] = [temporaryFolder(), `rules: [${rule}]`];
  expect(ours((await run([first], { dataDir, yaml })).alerts)).toEqual([]);
  const [alert, ...more] = ours((await run([second], { dataDir, yaml })).alerts);
  expect(more).toEqual([]);
  expect(alert).toMatchObject({
    message: 'Another program', event: { severity: 47, reason: 'rates called with curl/8.' }, rule: { id: 'rule:new-program', name: 'Another program' },
    tokenward: { alert: { baseline: { events: 14, activeDays: 14 } } },
  });
  const explained = tokenward(['explain', alert!.event.id, '--data-dir', dataDir]);
  expect(explained.stdout).toContain('rule:new-program, which is configured no more');
  expect(explained.status).toBe(0);
  const third = put('third.ndjson', call(15, 'wget/1'));
  expect(ours((await run([third], { dataDir })).alerts)).toEqual([]);
});

test('policy and exceptions name it, and nothing that is not there', () => {
  const policy = (id: string): string => `rules: [${rule}]\npolicy: [{ name: a, match: { detectors: ["${id}"] }, plan: [], mode: observe }]`;
  expect(configure(policy('rule:new-program')).policy[0]?.match.detectors).toEqual(['rule:new-program']);
  expect(() => configure(policy('rule:new-programm'))).toThrow('did you mean "rule:new-program"?');
  expect(() => configure('rules: [none/*.yaml]')).toThrow('no file is named "none/*.yaml"');
});

test('validate names what each takes at most, and the test command plays what a file holds', () => {
  const config = put('tokenward.yaml', `rules: [${rule}]`);
  expect(tokenward(['validate', '-c', config]).stdout).toMatch(/rules: +rule:new-program \(\d+ µs an event at most\)/);
  const { stdout, status } = tokenward(['test', join(root, 'test/data/rules'), rule]);
  expect(stdout).toContain('3 passed, 1 failed');
  expect(stdout).toContain('has no tests');
  expect(status).toBe(1);
});
