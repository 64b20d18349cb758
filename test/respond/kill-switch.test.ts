import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { KillSwitch } from '../../src/respond/kill-switch.ts';
import { Chance } from '../support/logs/random.ts';
import { makeFolder, opened } from '../store/support.ts';
import { beginMs, minuteMs, proposalOf, Rig } from './support.ts';

test('on while its file exists and is not empty, or nobody can tell', () => {
  const folder = makeFolder();
  const file = join(folder, 'stop');
  const switched = new KillSwitch(file);
  expect(switched.state()).toBe(null);
  writeFileSync(file, '');
  expect(switched.state()).toBe(null);
  writeFileSync(file, 'by hand');
  expect(switched.state()).toEqual({ why: 'set', by: null });
  switched.set('ann', 'a storm', beginMs);
  expect(switched.state()).toEqual({ why: 'set', by: 'ann' });
  switched.clear();
  expect([switched.state(), existsSync(file)]).toEqual([null, false]);
  expect(new KillSwitch(join(folder, 'not mounted', 'stop')).state()).toEqual({ why: 'unreadable', by: null });
  mkdirSync(file);
  expect(switched.state()).not.toBe(null);
});

test.skipIf(process.getuid?.() === 0)('a file that cannot be read is on', () => {
  const file = join(makeFolder(), 'stop');
  writeFileSync(file, 'x');
  chmodSync(file, 0);
  expect(new KillSwitch(file).state()?.why).toBe('unreadable');
});

test('toggled 500 times under load, no call starts while it is on', async () => {
  const rig = new Rig(opened(null), { caps: { perMinute: 1e6, perHour: 1e6, perDay: 1e6 } });
  onTestFinished(() => rig.stop());
  rig.start();
  const chance = new Chance(7);
  let isOn = false;
  let calls = 0;
  for (let time = 0; time < 500; time++) {
    rig.propose(proposalOf(`token-${time}`, { provenMs: rig.timing.now() }));
    if (chance.next() < 0.5) await rig.timing.pass(chance.whole(0, 50));
    if (isOn) expect(rig.provider.calls).toHaveLength(calls);
    isOn = !isOn;
    if (isOn) writeFileSync(rig.killSwitch.file, 'stop');
    else rmSync(rig.killSwitch.file);
    calls = rig.provider.calls.length;
    await rig.timing.pass(chance.whole(0, 30));
    if (isOn) expect(rig.provider.calls).toHaveLength(calls);
  }
  rmSync(rig.killSwitch.file, { force: true });
  await rig.timing.pass(20_000);
  expect(rig.provider.calls).toHaveLength(500);
}, 60_000);

test('set by a person it is noted with the reason, survives a restart, and is told again each hour', async () => {
  const folder = makeFolder();
  const first = new Rig(opened(folder));
  expect(first.desk.killSwitch(true, ' ', 'ann')).toEqual({ ok: false, reason: 'bad_request' });
  expect(first.desk.killSwitch(true, 'a storm', 'ann')).toEqual({ ok: true });
  expect(JSON.parse(readFileSync(first.killSwitch.file, 'utf8'))).toMatchObject({ by: 'ann', reason: 'a storm' });
  await first.store.close();
  const rig = new Rig(opened(folder), {}, first.timing);
  onTestFinished(() => rig.stop());
  rig.start();
  rig.propose(proposalOf('a'));
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['ready: policy', 0]);
  rig.timing.nowMs += 60 * minuteMs;
  await rig.timing.pass(2_000);
  expect(rig.pages()).toEqual(['kill_switch_on', 'kill_switch_on']);
  expect(rig.desk.killSwitch(false, 'over', 'bob')).toEqual({ ok: true });
  rig.propose(proposalOf('a', { provenMs: rig.timing.now() }));
  await rig.timing.pass(5_000);
  expect(rig.stands('a-0')).toBe('verified: probed');
  expect(rig.notes('kill_switch')).toEqual(['kill_switch.on', 'kill_switch.off']);
});

test('turned on by hand, it is noted too', async () => {
  const rig = new Rig(opened(null));
  onTestFinished(() => rig.stop());
  rig.start();
  writeFileSync(rig.killSwitch.file, 'stop');
  await rig.timing.pass(2_000);
  rmSync(rig.killSwitch.file);
  await rig.timing.pass(2_000);
  const notes = [...rig.store.effects.responses.audit()].map(({ kind, actor }) => [kind, actor]);
  expect(notes).toEqual([['kill_switch.on', 'file'], ['kill_switch.off', 'file']]);
});
