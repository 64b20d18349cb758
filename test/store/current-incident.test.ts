import { expect, test } from 'vitest';
import type { Incident } from '../../src/model/alert.ts';
import { currentIncident } from '../../src/store/current-incident.ts';
import { incidentOf } from './alerts.ts';

test('the incident that another is part of by now; one that is lost on the way is not followed', () => {
  const stored = new Map<string, Incident>([['a', 'b'], ['b', 'c'], ['c', null], ['d', 'lost']].map(([id, mergedInto]) => (
    [id as string, { ...incidentOf(id as string, 1), mergedInto: mergedInto ?? null }])));
  const effects = { incident: (id: string) => stored.get(id) ?? null };
  expect(['a', 'b', 'c', 'd', 'nobody'].map((id) => currentIncident(effects, id)?.id)).toEqual(['c', 'c', 'c', 'd', undefined]);
});
