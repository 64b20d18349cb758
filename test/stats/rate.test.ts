import { describe, expect, it } from 'vitest';
import { freshRate } from '../../detectors/egress-rate.ts';
import { learnTold, newsBits, rareBits } from '../../src/stats/rate.ts';

const hour = 3_600_000;

/** Busy by day, nearly idle by night. */
function rhythm(step: number): number {
  return (step % 24 < 8 ? 2 : 10) + Math.sin(step * 12.9898) * 0.5;
}

function afterDays(days: number): ReturnType<typeof freshRate> {
  const rate = freshRate();
  for (let step = 0; step < days * 24; step += 1) learnTold(rate, step * hour, rhythm(step));
  return rate;
}

describe('the rarity of a rate', () => {
  it('is nothing at first, little for what is usual, much for what never was', () => {
    expect(rareBits(freshRate(), 0, 5)).toBe(0);
    const rate = afterDays(60);
    expect(rareBits(rate, 60 * 24 * hour + 12 * hour, 10)).toBeLessThan(4);
    expect(rareBits(rate, 60 * 24 * hour + 12 * hour, 20)).toBeGreaterThan(9);
    expect(rareBits(rate, 60 * 24 * hour + 12 * hour, 200)).toBeGreaterThan(rareBits(rate, 60 * 24 * hour + 12 * hour, 20));
  });

  it('knows the hour: what is usual by day is rare by night', () => {
    const rate = afterDays(60);
    expect(rareBits(rate, 60 * 24 * hour + 3 * hour, 10)).toBeGreaterThan(9);
    expect(rareBits(rate, 60 * 24 * hour + 3 * hour, 2)).toBeLessThan(4);
  });

  it('tells what is rare once, not while it lasts', () => {
    const rate = afterDays(60);
    const at = (step: number): number => (60 * 24 + 12 + step) * hour;
    expect(newsBits(rate, at(0), 40)).toBeGreaterThan(9);
    learnTold(rate, at(0), 40);
    expect(newsBits(rate, at(1), 40)).toBe(0);
    expect(rareBits(rate, at(1), 40)).toBeGreaterThan(5);
  });
});
