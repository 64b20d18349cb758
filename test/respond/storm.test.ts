import { onTestFinished, expect, test } from 'vitest';
import { makeFolder, opened } from '../store/support.ts';
import { beginMs, giveWay, ManualTiming, minuteMs, Provider, proposalOf, Rig, type RigOptions } from './support.ts';

function begin(options: RigOptions = {}, folder: string | null = null, timing = new ManualTiming(), provider = new Provider()): Rig {
  const rig = new Rig(opened(folder), options, timing, provider);
  onTestFinished(() => rig.stop());
  rig.start();
  return rig;
}

const flagged = (count: number, severity = 73) => Array.from({ length: count }, (_, place) => proposalOf(`token-${place}`, { severity }));

test('a faulty rule flags 2,000 tokens: it stops at the cap, pages once, and the one critical theft is still stopped', async () => {
  const rig = begin({ never: [{ handle: 'handle-token-1' }] });
  rig.propose(...flagged(2_000));
  await rig.timing.pass(5_000);
  // So many take more turns than the others.
  await giveWay(200);
  rig.propose(proposalOf('stolen', { severity: 99, provenMs: rig.timing.now() }));
  await rig.timing.pass(2 * minuteMs);
  await giveWay(200);
  await rig.timing.pass(2 * minuteMs);
  expect(rig.provider.calls.filter(({ token }) => token !== 'stolen')).toHaveLength(8);
  expect(rig.stands('stolen-0')).toBe('verified: probed');
  expect(rig.provider.calls.some(({ token }) => token === 'token-1')).toBe(false);
  expect(rig.pages()).toEqual(['over_cap']);
  expect(rig.notes('other')).toEqual(['breaker.open']);
  const counts = rig.store.effects.responses.intentCounts();
  expect(counts).toEqual({ verified: 9, proposed: 1, waiting_approval: 1_991 });
}, 60_000);

test('what turns out to be critical after it was held is stopped; what is not goes on waiting', async () => {
  const rig = begin();
  rig.propose(...flagged(40));
  await rig.timing.pass(minuteMs);
  const late = ['stolen', 'other'].map((token) => proposalOf(token, { provenMs: rig.timing.now() }));
  rig.propose(...late);
  await rig.timing.pass(5_000);
  expect(rig.stands('stolen-0')).toBe('waiting_approval: over_cap');
  rig.propose(...late.map((proposal) => ({ ...proposal, severity: proposal.target.token === 'stolen' ? 99 : 73, provenMs: rig.timing.now() })));
  await rig.timing.pass(5_000);
  expect([rig.stands('stolen-0'), rig.stands('other-0')]).toEqual(['verified: probed', 'waiting_approval: over_cap']);
});

test('a flood of what turns out to be critical stops at the whole cap', async () => {
  const rig = begin();
  rig.propose(...flagged(40));
  await rig.timing.pass(5_000);
  rig.propose(...flagged(40, 99).map((proposal) => ({ ...proposal, provenMs: rig.timing.now() })));
  await rig.timing.pass(2 * minuteMs);
  expect(rig.provider.calls).toHaveLength(10);
});

test('a flood of critical ones stops at the whole cap', async () => {
  const rig = begin();
  rig.propose(...flagged(40, 99));
  await rig.timing.pass(2 * minuteMs);
  expect(rig.provider.calls).toHaveLength(10);
});

test('killed, restarted and with its clock set, nothing more than the cap is done, and the rest waits for two people', async () => {
  const folder = makeFolder();
  const timing = new ManualTiming();
  const provider = new Provider();
  for (let life = 0; life < 3; life++) {
    const rig = new Rig(opened(folder), {}, timing, provider);
    rig.propose(...flagged(60).map((proposal) => ({ ...proposal, provenMs: timing.now() })));
    rig.start();
    await timing.pass(3_000);
    await rig.stop();
    await rig.store.close();
    timing.nowMs += (life === 0 ? -1 : 1) * 600_000;
  }
  expect(provider.calls).toHaveLength(8);
  const rig = begin({}, folder, timing, provider);
  const waiting = rig.store.effects.responses.intents({ states: ['waiting_approval'] })[0]!.id;
  expect(rig.desk.approve(waiting, 'ann')).toEqual({ ok: true });
  expect(rig.desk.approve(waiting, 'ann')).toEqual({ ok: false, reason: 'already_approved' });
  await timing.pass(3_000);
  expect([rig.stands(waiting), provider.calls.length]).toEqual(['waiting_approval: over_cap', 8]);
  expect(rig.desk.approve(waiting, 'bob')).toEqual({ ok: true });
  await timing.pass(3_000);
  expect([rig.stands(waiting), provider.calls.length]).toEqual(['verified: probed', 9]);
});

test('a person lets go on what a cap had stopped; what waits goes on waiting for two people', async () => {
  const rig = begin();
  rig.propose(...flagged(20));
  await rig.timing.pass(2_000);
  expect(rig.desk.killSwitch(false, 'the rule was mended', 'ann')).toEqual({ ok: true });
  await rig.timing.pass(2 * minuteMs);
  expect(rig.provider.calls).toHaveLength(8);
  rig.propose(proposalOf('late', { provenMs: rig.timing.now() }));
  await rig.timing.pass(5_000);
  expect(rig.stands('late-0')).toBe('verified: probed');
});

test('the cap of a day grows with the tokens in use', async () => {
  const caps = { perMinute: 1_000, perHour: 1_000 };
  const [few, many] = [begin({ caps, usedTokens: 1_000 }), begin({ caps, usedTokens: 20_000 })];
  for (const rig of [few, many]) {
    rig.propose(...flagged(120));
    await rig.timing.pass(minuteMs);
  }
  expect([few.provider.calls.length, many.provider.calls.length]).toEqual([16, 80]);
}, 30_000);

test('a day of old events replayed: nothing is done by itself', async () => {
  const rig = begin();
  const old = Array.from({ length: 288 }, (_, place) => proposalOf(`token-${place}`, { provenMs: beginMs - 24 * 3_600_000 + place * 5 * minuteMs - 15 * minuteMs }));
  for (let at = 0; at < old.length; at += 24) {
    rig.propose(...old.slice(at, at + 24));
    await rig.timing.pass(100);
  }
  await rig.timing.pass(minuteMs);
  expect(rig.provider.calls).toEqual([]);
  expect(rig.store.effects.responses.intentCounts()).toEqual({ stale: 288 });
});
