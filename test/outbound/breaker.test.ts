import { expect, test } from 'vitest';
import { backoffMs, Breaker } from '../../src/outbound/breaker.ts';

test('the delay is drawn from a bound that doubles up to five minutes', () => {
  expect([0, 1, 2, 8, 9, 1000].map((attempts) => backoffMs(attempts, 0.999999))).toEqual([999, 1999, 3999, 255_999, 299_999, 299_999]);
  expect(backoffMs(5, 0.25)).toBe(8000);
  expect(backoffMs(5, 0)).toBe(1);
});

test('never sooner than asked for, never later than five minutes', () => {
  expect(backoffMs(0, 0.5, 120_000)).toBe(120_000);
  expect(backoffMs(8, 0.9, 10)).toBe(230_400);
  expect(backoffMs(0, 0.5, 86_400_000)).toBe(300_000);
});

test('five failures within 30 s open it, and then a probe may be sent each 30 s', () => {
  const breaker = new Breaker();
  expect([0, 7000, 14_000, 21_000, 28_000].map((timeMs) => breaker.failed(timeMs))).toEqual([false, false, false, false, true]);
  expect([breaker.isOpen, breaker.waitMs(0), breaker.waitMs(0, 60_000), breaker.waitMs(0, 1e9)]).toEqual([true, 30_000, 60_000, 300_000]);
  expect(breaker.failed(60_000)).toBe(false);
  expect([breaker.succeeded(), breaker.isOpen, breaker.succeeded()]).toEqual([true, false, false]);
});

test('failures further apart do not open it, and a success forgets them', () => {
  const breaker = new Breaker();
  for (let timeMs = 0; timeMs < 200_000; timeMs += 8000) breaker.failed(timeMs);
  expect(breaker.isOpen).toBe(false);
  for (const timeMs of [300_000, 300_001, 300_002, 300_003]) breaker.failed(timeMs);
  breaker.succeeded();
  breaker.failed(300_004);
  expect(breaker.isOpen).toBe(false);
  expect(breaker.waitMs(0.9)).toBe(900);
});

test('a clock set back does not keep old failures', () => {
  const breaker = new Breaker();
  for (let i = 0; i < 4; i++) breaker.failed(1_000_000);
  breaker.failed(1000);
  expect(breaker.isOpen).toBe(false);
});
