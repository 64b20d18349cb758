import { expect, test } from 'vitest';
import { alertTable } from '../../src/cli/alert-list.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { makeFolder, opened } from '../store/support.ts';

test('alerts stand in a line each, the newest last, and long sentences are cut', () => {
  const store = opened(makeFolder());
  expect(alertTable({ store })).toBe('No alert has been raised.');
  const alerts = ['new-one-of-all', 'old-one-of-all'].map((id, place) => alertOf(id, 1, {
    incidentId: 'i', createdMs: 1e12 - place * 60_000, severity: 73, reason: place === 0 ? 'x'.repeat(300) : 'It was used elsewhere.',
    first: { ...emptyEvent('ecs', 1e12), identityName: 'rates' },
  }));
  store.effects.commit(batchOf({ alerts, incidents: [{ ...incidentOf('i', 1, 1e12), alertIds: alerts.map(({ id }) => id) }] }));
  const [heads, first, second] = alertTable({ store }).split('\n');
  expect(heads).toMatch(/^alert +raised +severity +status +detector +identity +what happened$/);
  expect(first).toMatch(/^old-one- {2}2001-09-09 01:45 {2}high +open +egress-spike +rates +It was used elsewhere\.$/);
  expect(second).toMatch(/^new-one- {2}2001-09-09 01:46 .* x{99}…$/);
});
