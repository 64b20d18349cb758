import { describe, expect, test } from 'vitest';
import { Coverage } from '../../src/engine/coverage.ts';
import { EntityMap } from '../../src/state/entities.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function delivering(identities: readonly string[], hours: readonly number[]): Coverage {
  const coverage = new Coverage(new EntityMap('coverage'));
  hours.forEach((hour, place) => coverage.see('log', hour * hourMs, identities[place % identities.length] as string, 'gateway'));
  return coverage;
}

const everyHour = Array.from({ length: 240 }, (_, hour) => hour);

describe('coverage of a source', () => {
  test('time in which the log was delivering counts in full', () => {
    expect(delivering(['a', 'b'], everyHour).coveredMs('log', 0, 239 * hourMs)).toBe(239 * hourMs);
  });

  test('nothing is covered before the first record', () => {
    expect(delivering(['a', 'b'], [100, 101]).coveredMs('log', 0, 101 * hourMs)).toBe(hourMs);
  });

  test('an outage in which several callers fell silent together does not count', () => {
    const coverage = delivering(['a', 'b'], [...everyHour, 240 + 14 * 24]);
    expect(coverage.coveredMs('log', 0, (240 + 14 * 24) * hourMs)).toBe(239 * hourMs);
  });

  test('the outage is already left out for the first record after it', () => {
    const coverage = delivering(['a', 'b'], everyHour);
    expect(coverage.coveredMs('log', 0, 239 * hourMs + 14 * dayMs)).toBe(239 * hourMs);
  });

  test('the silence of a log with a single caller counts: it shows no outage', () => {
    expect(delivering(['a'], [...everyHour, 1000]).coveredMs('log', 0, 1000 * hourMs)).toBe(1000 * hourMs);
  });

  test('pauses that the source always makes are no outages', () => {
    const workdays = Array.from({ length: 10 }, (_, day) => [day * 48, day * 48 + 1]).flat();
    expect(delivering(['a', 'b'], workdays).coveredMs('log', 48 * hourMs, 433 * hourMs)).toBe(385 * hourMs);
  });

  test('an unknown source covers nothing', () => {
    expect(delivering(['a'], [1]).coveredMs('other', 0, dayMs)).toBe(0);
  });
});
