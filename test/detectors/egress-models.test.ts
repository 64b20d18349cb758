import { expect, it } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';
import { Random } from '../support/estate/random.ts';

const [minute, day] = [6e4, 864e5] as const;
const start = Date.UTC(2026, 0, 5);

function call(atMs: number, modelTokens: number): TokenEvent {
  return {
    ...emptyEvent('litellm', atMs), token: 'key', identityId: 'litellm:team:support', identityName: 'support', resourceId: 'chat-large', action: 'acompletion',
    lifecycle: 'used', outcome: 'success', authenticated: true, modelTokens, networkBlock: '10.4.7.0/24',
  };
}

/** Sixty calls a day of about 2,000 tokens. */
function hundredDays(): Harness {
  const harness = new Harness(egressSpike as unknown as Detector);
  const random = new Random(5);
  for (let step = 0; step < 100 * 60; step += 1) expect(harness.observe(call(start + step * 24 * minute, Math.round(random.around(2_000, 0.5))))).toBeNull();
  return harness;
}

it('a stolen key that feeds a model of its own: long contexts at the usual number of calls, told in the tokens of the model', () => {
  const harness = hundredDays();
  const hits = Array.from({ length: 60 }, (_, step) => harness.observe(call(start + 100 * day + step * minute, 120_000))).filter((hit) => hit !== null);
  expect(hits[0]?.finding.reason).toMatch(/^support took [\d,]+ tokens of a model in .*; in 100 days its largest .* [\d,]+ tokens of a model/);
  expect(hits[0]?.finding.observed).toHaveProperty('windowMs');
  expect(hits.length).toBeGreaterThan(10);
});

it('twice as many tokens as on the busiest day are none', () => {
  const harness = hundredDays();
  for (let step = 0; step < 60; step += 1) expect(harness.observe(call(start + 100 * day + step * 24 * minute, 4_000))).toBeNull();
});
