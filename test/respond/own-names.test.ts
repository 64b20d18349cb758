import { expect, test } from 'vitest';
import { Ledger } from '../../src/respond/ledger.ts';
import { OwnNames } from '../../src/respond/own-names.ts';
import type { Action, KnownAs } from '../../src/respond/port.ts';
import { opened } from '../store/support.ts';
import { giveWay, ManualTiming, minuteMs, Provider } from './support.ts';

/** A service that asks for names, once for each start. */
function rig() {
  const timing = new ManualTiming();
  const { effects } = opened(null);
  const ledger = new Ledger({ effects, now: () => timing.now(), onNotes: () => undefined, onCommands: () => undefined });
  const unknown: string[] = [];
  const plain = new Provider().action('plain', timing);
  const start = async (answers: Readonly<Record<string, KnownAs[]>>): Promise<OwnNames> => {
    const actions: Action[] = [plain, ...Object.entries(answers).map(([name, said]) => ({ ...plain, name, ownNames: () => Promise.resolve(said.length > 1 ? said.shift()! : said[0]!) }))];
    const own = new OwnNames({ actions, ledger, timing, onUnknown: (action, why) => unknown.push(`${action} ${why}`) });
    own.start();
    await giveWay();
    return own;
  };
  const told = (): unknown[] => effects.responses.pendingCommands().map((number) => effects.responses.command(number));
  return { timing, start, told, unknown, effects };
}
const known = (name: string): KnownAs => ({ names: [{ name, issuer: 'i' }], why: null });
const away: KnownAs = { names: [], why: 'unreachable' };

test('the engine is told what a credential is called, once however often the service starts, and anew when it changed', async () => {
  const { start, told, effects } = rig();
  const command = (name: string) => ({ kind: 'own-names', action: 'okta', names: [{ name, issuer: 'i' }] });
  await start({ okta: [known('00T1')] });
  await start({ okta: [known('00T1')] });
  expect(told()).toEqual([command('00T1')]);
  await start({ okta: [known('00T2')] });
  expect(told()).toEqual([command('00T1'), command('00T2')]);
  expect(effects.responses.auditHead()?.number).toBe(2);
});

test('who does not answer is asked again; who says no is not; both are told', async () => {
  const { start, told, unknown, timing } = rig();
  const own = await start({ okta: [away, away, known('00T1')], vault: [{ names: [], why: 'not_told' }] });
  expect(unknown).toEqual(['okta unreachable', 'vault not_told']);
  await timing.pass(10 * minuteMs);
  expect([unknown.length, told()]).toEqual([3, []]);
  await timing.pass(10 * minuteMs);
  expect(told()).toHaveLength(1);
  await own.stop();
});

test('nothing is asked once it has stopped', async () => {
  const { start, told, timing } = rig();
  const own = await start({ okta: [away, known('00T1')] });
  await own.stop();
  await timing.pass(60 * minuteMs);
  expect(told()).toEqual([]);
});
