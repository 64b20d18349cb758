import { describe, expect, it } from 'vitest';
import dormantTokenReuse from '../../detectors/dormant-token-reuse.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness, type World } from '../support/detector-harness.ts';

const detector = dormantTokenReuse as unknown as Detector;
const start = Date.UTC(2024, 0, 1);
const day = 864e5;

function use(atMs: number, more: Partial<TokenEvent> = {}): TokenEvent {
  return { ...emptyEvent('ecs', atMs), token: 't', identityId: 'svc', identityName: 'svc', lifecycle: 'used', outcome: 'success', authenticated: true, ...more };
}

function used(onDays: readonly number[], settings: Record<string, string | number> = {}, world?: World): Harness {
  const harness = new Harness(detector, settings, world);
  for (const number of onDays) expect(harness.observe(use(start + number * day)), `day ${number}`).toBeNull();
  return harness;
}

const daily = Array.from({ length: 60 }, (_, index) => index);

describe('silence against the own rhythm', () => {
  it('alerts when a daily token returns after forty days', () => {
    const hit = used(daily).observe(use(start + 99 * day));
    expect(hit?.finding.reason).toBe('A token of svc was used again after 40 days of silence; its longest silence before, on 60 days of use, was 24 hours.');
    expect(hit?.finding.observed['silenceMs']).toBe(40 * day);
  });

  it('knows weekends, months and quarters', () => {
    used([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 21, 35]);
    used([0, 30, 61, 91, 122, 152, 214]);
    used([0, 91, 182, 273, 364, 455, 546, 637]);
    const hit = used([0, 30, 61, 91, 122, 152]).observe(use(start + 300 * day));
    expect(hit?.finding.baseline['limitMs']).toBeLessThan(100 * day);
  });

  it('holds the outer bound where nothing is known, and accepts a yearly job once it came back', () => {
    expect(used([0]).observe(use(start + 179 * day))).toBeNull();
    expect(used([0]).observe(use(start + 181 * day))).not.toBeNull();
  });

  it('does not take an outage of the log for silence', () => {
    const world = { outages: [[start + 60 * day, start + 90 * day]] as const, issued: new Map<string, number>() };
    expect(used(daily, {}, world).observe(use(start + 91 * day))).toBeNull();
    expect(used(daily, {}, world).observe(use(start + 130 * day))).not.toBeNull();
  });

  it('sees the identity return under a new token', () => {
    const hit = used(daily).observe(use(start + 120 * day, { token: 'another' }));
    expect(hit?.finding.reason).toMatch(/^svc was used again after 61 days of silence/);
  });

  it('takes a fixed limit literally, to the second', () => {
    expect(used([0, 40, 80], { after: '45d' }).observe(use(start + 125 * day - 1000))).toBeNull();
    expect(used([0, 40, 80], { after: '45d' }).observe(use(start + 125 * day))).not.toBeNull();
  });

  it('counts neither failures nor refused tokens as use', () => {
    const harness = used(daily);
    for (let number = 60; number < 99; number += 1) {
      harness.observe(use(start + number * day, { outcome: 'failure' }));
      harness.observe(use(start + number * day, { authenticated: false }));
    }
    expect(harness.observe(use(start + 99 * day))).not.toBeNull();
  });
});

describe('first use', () => {
  const world = { outages: [], issued: new Map([['unused', start]]) };

  it('long after an issuance that was read is a case of its own', () => {
    const hit = new Harness(detector, {}, world).observe(use(start + 100 * day, { token: 'unused', identityId: null }));
    expect(hit?.finding.reason).toMatch(/was used for the first time, 100 days after it was issued\.$/);
    expect(new Harness(detector, {}, world).observe(use(start + 20 * day, { token: 'unused' }))).toBeNull();
  });

  it('needs the log to have been there since', () => {
    const gap = { ...world, outages: [[start, start + 95 * day]] as const };
    expect(new Harness(detector, {}, gap).observe(use(start + 100 * day, { token: 'unused' }))).toBeNull();
    expect(new Harness(detector).observe(use(start + 100 * day, { issuedAtMs: start - 500 * day }))).toBeNull();
  });
});

it('notices an eighteen-month-old token under an identity that presents fresh ones', () => {
  const harness = new Harness(detector);
  for (let step = 0; step < 24 * 30; step += 1) {
    const atMs = start + step * 36e5;
    expect(harness.observe(use(atMs, { token: `t${step}`, issuedAtMs: atMs - 300_000 }))).toBeNull();
  }
  const hit = harness.observe(use(start + 30 * day, { token: 'old', issuedAtMs: start - 520 * day }));
  expect(hit?.finding.reason).toBe('svc presented a token issued 550 days ago; on 30 days of use its tokens were usually 5 minutes old and never older than 5 minutes.');
  expect(hit?.finding.severity).toBe(73);
});

it('is not troubled by one old token that has always been in use', () => {
  const harness = new Harness(detector);
  for (let number = 0; number < 400; number += 1) expect(harness.observe(use(start + number * day, { issuedAtMs: start - 500 * day }))).toBeNull();
});
