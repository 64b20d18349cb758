import { describe, expect, it } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import knownThief from '../../detectors/known-thief.ts';
import type { Detector } from '../../src/model/detector.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { startMs, use, world, type World } from '../engine/harness.ts';

const day = 24;
const thief = { networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.7', userAgent: 'curl/8' } as const;

const placeOf = ({ networkBlock }: TokenEvent): 'own' | 'other' => (networkBlock === 'home' ? 'own' : 'other');

/** A hundred quiet days, a theft at their end, and its alert closed. */
function robbed(as: 'theft' | 'benign', from: Partial<TokenEvent> = thief): World {
  const fates = { of: () => 0, sinceMs: () => null, formerUseMs: null, isKnown: () => true, honeytoken: () => null, placeBefore: placeOf };
  const made = world([egressSpike, knownThief] as unknown as Detector[], { fates });
  for (let hour = 0; hour < 100 * day; hour += 1) made.engine.process(use(hour, 1e6));
  for (let call = 0; call < 60; call += 1) made.engine.process(use(100 * day + call / 60, 1e8, from));
  const [alert] = made.alerts.values();
  made.engine.command({ kind: 'close', alertId: alert!.id, as }, false);
  return made;
}

const open = (met: World): string[] => [...met.alerts.values()].filter(({ status }) => status === 'open').map(({ detector }) => detector);

describe('after a theft was confirmed', () => {
  it('a second one from its network is told with its first call, though nothing of it is learned', () => {
    const met = robbed('theft');
    for (let call = 0; call < 60; call += 1) met.engine.process(use(108 * day + call / 60, 2e4, thief));
    expect(open(met)).toEqual(['known-thief']);
    const alert = [...met.alerts.values()].find(({ detector }) => detector === 'known-thief');
    expect([alert?.startMs, alert?.severity, alert?.count]).toEqual([startMs + 108 * day * 36e5, 99, 60]);
    expect(alert?.reason).toContain('last seen 8 days before');
  });

  it('the repair has its time', () => {
    const met = robbed('theft');
    met.engine.process(use(101 * day - 23 + 0.2, 1, thief));
    expect(open(met)).toEqual([]);
  });

  it('the owner at his own places is no thief', () => {
    const met = robbed('theft');
    for (let hour = 108 * day; hour < 109 * day; hour += 1) met.engine.process(use(hour, 1e6));
    expect(open(met)).toEqual([]);
  });

  it('nor is he where the thief was at his place: he is learned from, and a second theft from there is seen by its volume', () => {
    const met = robbed('theft', {});
    for (let hour = 108 * day; hour < 109 * day; hour += 1) met.engine.process(use(hour, 1e6));
    expect(open(met)).toEqual([]);
    for (let call = 0; call < 60; call += 1) met.engine.process(use(110 * day + call / 60, 1e8));
    expect(open(met)).toEqual(['egress-spike']);
  });

  it('nor is he when he fetches his next token, and so shows none, from where the thief used the last one as well', () => {
    const met = robbed('theft', {});
    met.engine.process(use(108 * day, 1, { token: null, tokenHandle: null, lifecycle: 'issued' }));
    expect(open(met)).toEqual([]);
  });

  it('nor is anybody where the alert was closed as benign', () => {
    const met = robbed('benign');
    met.engine.process(use(108 * day, 1e6, thief));
    expect(open(met)).toEqual([]);
  });
});
