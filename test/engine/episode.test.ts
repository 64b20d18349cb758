import { expect, test } from 'vitest';
import { join, open } from '../../src/engine/episode.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';

const finding = (dedup?: string): Finding => ({
  severity: 47, surpriseBits: 10, confidence: 0.9, reason: 'It is odd.', baseline: {}, observed: {}, deviates: 'token', ...dedup === undefined ? {} : { dedup },
});
const event = (atMs: number, networkBlock: string): TokenEvent => ({ ...emptyEvent('ecs', atMs), id: `e${atMs}`, token: 't', identityId: 'i', networkBlock });

test('a further hit is told again for a new network', () => {
  const episode = open('rule:mine', 'i', event(1, '10.0.0.0/24'), finding(), false);
  join(episode, event(2, '10.0.0.0/24'), finding());
  join(episode, event(3, '10.0.1.0/24'), finding());
  expect(episode.alert.announced.map(({ timeMs }) => timeMs)).toEqual([1, 3]);
});

test('where the finding says what is news, for a new value of that alone', () => {
  const episode = open('rule:mine', 'i', event(1, '10.0.0.0/24'), finding('orders'), false);
  join(episode, event(2, '10.0.1.0/24'), finding('orders'));
  join(episode, event(3, '10.0.1.0/24'), finding('rates'));
  join(episode, event(4, '10.0.1.0/24'), finding('orders'));
  expect(episode.alert.announced.map(({ timeMs }) => timeMs)).toEqual([1, 3]);
  expect(episode.alert.networks).toEqual(['10.0.0.0/24', '10.0.1.0/24']);
});
