import { expect, test } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import type { AuditEntry } from '../../src/model/audit.ts';
import { newIntent, type Intent } from '../../src/model/intent.ts';
import { readiness } from '../../src/respond/readiness.ts';
import { alertOf, dayMs, theftMs } from './decide-support.ts';
import { proposalOf } from './support.ts';

const alert = (id: string, daysAgo: number, more: Partial<Alert> = {}): Alert =>
  alertOf({ id, incidentId: `i-${id}`, tokens: [id], createdMs: theftMs - daysAgo * dayMs, endMs: theftMs - daysAgo * dayMs, status: 'closed', ...more });
const intent = (id: string, more: Partial<Intent> = {}): Intent => ({ ...newIntent(proposalOf(id, { alertId: id, incidentId: `i-${id}`, mode: 'observe' })), ...more });
const note = (kind: string, subject: string, as: string | null = null): AuditEntry =>
  ({ kind, subject, timeMs: 0, actor: 'ann', detail: { as }, number: 1, previous: '', hash: '' });
const closed = (id: string, as: string): AuditEntry => note('alert.close', id, as);
const judge = (alerts: readonly Alert[], intents: readonly Intent[], audit: readonly AuditEntry[]) =>
  readiness({ alerts, intents, audit, neededDays: 14 }).map(({ detector, verdict, days, proposed, right, wrong, unjudged }) => [detector, verdict, days, proposed, right, wrong, unjudged]);

const now = alert('now', 0, { detector: 'unfamiliar-ip' });

test('ready is who was right for long enough, and nobody said otherwise', () => {
  expect(judge([alert('a', 20), alert('b', 3), now], [intent('a'), intent('b')], [closed('a', 'theft'), closed('b', 'theft')])).toEqual([
    ['egress-spike', 'ready', 20, 2, 2, 0, 0], ['unfamiliar-ip', 'never_proposed', 0, 0, 0, 0, 0],
  ]);
});

test.each<[string, Intent, AuditEntry[], string]>([
  ['closed as benign', intent('b'), [closed('b', 'benign')], 'wrong_proposals'], ['closed as a false alarm', intent('b'), [closed('b', 'false_alarm')], 'wrong_proposals'],
  ['rejected by a person', intent('b', { state: 'rejected', why: 'rejected' }), [closed('b', 'theft')], 'wrong_proposals'],
  ['taken back', intent('b', { state: 'undone' }), [closed('b', 'theft')], 'wrong_proposals'],
  ['not judged', intent('b'), [], 'unjudged'], ['opened again', intent('b'), [closed('b', 'theft'), note('alert.reopen', 'b')], 'unjudged'],
  ['judged anew', intent('b'), [closed('b', 'benign'), note('alert.reopen', 'b'), closed('b', 'theft')], 'ready'],
])('one that was %s', (_, one, audit, verdict) => {
  expect(judge([alert('a', 20), alert('b', 3), now], [intent('a'), one], [closed('a', 'theft'), ...audit])[0]?.[1]).toBe(verdict);
});

test('who has proposed for a few days only is watched longer; an old mistake is forgiven', () => {
  expect(judge([alert('a', 13), now], [intent('a')], [closed('a', 'theft')])[0]?.[1]).toBe('too_early');
  expect(judge([alert('a', 20), alert('b', 13), now], [intent('a'), intent('b')], [closed('a', 'benign'), closed('b', 'theft')])[0]?.[1]).toBe('ready');
});

test('telling somebody, and what is refused anyway, is no proposal that could be wrong', () => {
  expect(judge([alert('a', 20), now], [intent('a', { kind: 'notify' }), intent('a', { refused: 'would_break_others' })], [])[0]?.[1]).toBe('never_proposed');
});
