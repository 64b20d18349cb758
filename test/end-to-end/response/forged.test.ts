import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dayMs } from '../../support/logs/company.ts';
import { copyOf, differences, foreign, lastDayMs, named, ownLogs, read, refused, startMs, surge, theft, unchecked, type After, type Logs } from './forged.ts';

// Somebody knows public ids of a victim and writes what anybody can write. `npm run bars -- --only forged` does so a million times.

const folder = mkdtempSync(join(tmpdir(), 'tokenward-forged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const past = join(folder, 'past');
let quiet: After;

beforeAll(async () => {
  await read(folder, past, ownLogs(startMs, lastDayMs));
  quiet = await lastDay();
});

/** The last day, with what was forged in it. */
function lastDay(...forged: readonly Logs[]): Promise<After> {
  return read(folder, copyOf(folder, past), ownLogs(lastDayMs, lastDayMs + dayMs), ...forged);
}

const byItself = ({ intents }: After) => intents.filter(({ mode, refused: why }) => mode === 'enforce' && why === null).map(({ kind }) => kind).sort();

test('nothing of the day is odd without it', () => {
  expect([quiet.alerts, quiet.intents]).toEqual([[], []]);
});

test('20,000 calls that were refused: nobody is asked to act, and of what is usual no byte is another', async () => {
  const after = await lastDay(refused(20_000));
  expect(after.alerts.map(({ detector, provenMs }) => [detector, provenMs])).toEqual([['spoofed-id', null]]);
  expect(after.intents).toEqual([]);
  // What counts such attempts has eight bytes in the victim's row; whoever made them has rows of his own.
  const [own, changed, ...more] = differences(quiet.rows, after.rows);
  expect([own, more]).toEqual(['actor new', ['shadow:identity new']]);
  expect(Number(/^identity (\d)$/.exec(changed!)?.[1])).toBeLessThanOrEqual(8);
});

test('good calls in the log of somebody who may not speak for the issuer are none', async () => {
  const after = await lastDay(foreign(2_000));
  expect(after.statistics.quarantined_by_reason).toEqual({ not_authorised: 2_000 });
  expect([after.alerts, after.intents, differences(quiet.rows, after.rows)]).toEqual([[], [], []]);
});

test('a forged leak does not make one kind of real deviation enough to act', async () => {
  const after = await lastDay(surge, named);
  expect(after.alerts.map(({ detector, provenMs }) => [detector, provenMs !== null])).toEqual(expect.arrayContaining([['egress-spike', true], ['leaked-token-use', false]]));
  expect([after.intents.length > 0, byItself(after)]).toEqual([true, []]);
});

describe.each<[string, () => Logs[]]>([
  ['calls that nobody is known to have checked', () => [unchecked(2_000)]],
  ['leaks that name a key and hold no secret', () => [named]],
  ['leaks, and calls that were refused', () => [named, refused(2_000)]],
  ['leaks, and calls that nobody checked', () => [named, unchecked(2_000)]],
  ['all of it', () => [named, refused(2_000), unchecked(2_000), foreign(2_000)]],
])('%s', (_, forged) => {
  test('are told to people and no ground to act; the theft of the next day still is', async () => {
    const after = await lastDay(...forged());
    expect(after.alerts.length).toBeGreaterThan(0);
    expect(byItself(after)).toEqual([]);
    expect(byItself(await read(folder, after.dataDir, theft))).toContain('revoke');
  });
});
