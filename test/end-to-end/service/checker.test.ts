import { describe, expect, test } from 'vitest';
import { checkKept, checkTold, clean, isClean, type Arrived, type Told } from './checker.ts';

const alertOf = (id: string, count = 3): Told => ({
  '@timestamp': '2026-01-05T00:00:00.000Z', rule: { id: 'unfamiliar-ip' },
  event: { id, start: '2026-01-05T00:00:00.000Z', end: `2026-01-05T00:00:0${count}.000Z`, created: '2026-01-05T00:00:00.000Z', severity: 73, reason: 'why' },
  tokenward: { identity: { id: `of ${id}` }, alert: { count, version: count, evidence: Array.from({ length: count }, (_, place) => `${id}/${place}`) } },
});
const oracle = [alertOf('a'), alertOf('b')];
const kept = (document: Told, genuine = true): Arrived => ({ messageId: null, document, genuine });
const told = (document: Told, version = 1, genuine = true): Arrived => ({ messageId: `${document.event.id}.${version}`, document, genuine });

describe('one document per alert', () => {
  test('as the oracle has them, nothing is to be said', () => {
    expect(checkKept(oracle, oracle.map((document) => kept(document)))).toEqual(clean);
  });

  test.each([
    ['missing', [kept(alertOf('a'))], ['b']],
    ['extra', [...oracle.map((one) => kept(one)), kept(alertOf('c'))], ['c']],
    ['repeated', [...oracle.map((one) => kept(one)), kept(alertOf('a'))], ['a']],
    ['phantom', [kept(alertOf('a', 4)), kept(alertOf('b'))], ['a']],
    ['phantom', [kept(alertOf('a'), false), kept(alertOf('b'))], ['a']],
  ] as const)('%s', (what, arrived, ids) => {
    const verdict = checkKept(oracle, arrived);
    expect(verdict).toEqual({ ...clean, [what]: ids });
    expect(isClean(verdict)).toBe(false);
  });
});

describe('a message for each change', () => {
  const all = [told(alertOf('a', 1)), told(alertOf('a', 3), 2), told(alertOf('b'))];
  test('earlier states are right', () => {
    expect(checkTold(oracle, all, 0)).toEqual(clean);
  });

  test('again under the same id only as often as a death explains', () => {
    expect(checkTold(oracle, [...all, all[0]!], 0)).toEqual({ ...clean, repeated: ['a.1'] });
    expect(checkTold(oracle, [...all, all[0]!], 1)).toEqual(clean);
  });

  test.each([
    ['missing', all.slice(0, 2), ['b']],
    ['extra', [...all, told(alertOf('c'))], ['c']],
    ['phantom', [...all, told(alertOf('a', 4), 2)], ['a.2']],
    ['phantom', [...all, told(alertOf('a', 2), 3)], ['a.3']],
    ['phantom', [told(alertOf('a'), 1, false), told(alertOf('b'))], ['a.1']],
  ] as const)('%s', (what, arrived, ids) => {
    expect(checkTold(oracle, arrived, 1)[what]).toEqual(ids);
  });
});
