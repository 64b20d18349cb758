import { expect, test } from 'vitest';
import { newIntent, noHandover, type Dependent, type Intent } from '../../src/model/intent.ts';
import type { Knowledge } from '../../src/respond/port.ts';
import { movedBy } from '../../src/respond/rotation.ts';
import { alertOf, knowing, theftMs, thief, thiefNetwork, userOf } from './decide-support.ts';
import { proposalOf, targetOf } from './support.ts';

const minuteMs = 60_000;
const alert = alertOf();
const api = userOf('api', '10.1.0.0/16', { workloadId: 'wl-api' });
const batch = userOf('batch from 10.2.0.0/16', '10.2.0.0/16');

function intentWith(dependents: readonly Dependent[]): Intent {
  const target = targetOf('t1', { identityId: 'aws:1:AIDA' });
  return { ...newIntent(proposalOf('t1', { kind: 'rotate', target, dependents })), handover: { ...noHandover, phase: 'waiting', made: 'AKIANEW' } };
}

function knows(old: readonly Dependent[], onNew: readonly Dependent[] | null): Knowledge {
  return knowing(old, undefined, {
    successor: (identityId, handle) => (onNew !== null && identityId === 'aws:1:AIDA' && handle === 'AKIANEW' ? 'k.new' : null),
    newUsers: (fingerprint) => (fingerprint === 'k.new' ? [...onNew ?? []] : []),
  });
}

const moved = (old: readonly Dependent[], onNew: readonly Dependent[] | null, named = old) => movedBy(intentWith(named), alert, knows(old, onNew));
const later = (user: Dependent, firstSeenMs: number, lastSeenMs = firstSeenMs): Dependent => ({ ...user, firstSeenMs, lastSeenMs });

test('before the new one is seen, everybody but the thief is waited for', () => {
  expect(moved([api, batch, thief], null)).toEqual({ waitingFor: ['api', 'batch from 10.2.0.0/16'], suspects: [] });
});

test('who is seen on the new one and not on the old any more has moved: a workload from wherever, others from where they were', () => {
  const onNew = [later({ ...api, networks: ['10.9.0.0/16'] }, theftMs + minuteMs), later(userOf('batch from 10.3.0.0/16', '10.3.0.0/16'), theftMs + minuteMs)];
  expect(moved([api, batch, thief], onNew)).toEqual({ waitingFor: ['batch from 10.2.0.0/16'], suspects: [] });
});

test('of several that are one user, one on the old holds it back until a quarter of an hour without', () => {
  const old = later(api, api.firstSeenMs, theftMs + 10 * minuteMs);
  expect(moved([old], [later(api, theftMs + minuteMs, theftMs + 20 * minuteMs)]).waitingFor).toEqual(['api']);
  expect(moved([old], [later(api, theftMs + minuteMs, theftMs + 25 * minuteMs)]).waitingFor).toEqual([]);
});

test('who was named when it was decided is waited for, whatever was forgotten since', () => {
  expect(moved([api], null, [api, batch, thief])).toEqual({ waitingFor: ['api', 'batch from 10.2.0.0/16'], suspects: [] });
});

test('the thief on the new one is named, and is nobody who has moved', () => {
  const there = { ...later(api, theftMs + minuteMs), networks: [thiefNetwork], suspect: true };
  expect(moved([api, thief], [there])).toEqual({ waitingFor: ['api'], suspects: ['api'] });
});
