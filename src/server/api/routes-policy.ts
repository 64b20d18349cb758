import { z } from 'zod';
import { decided, ok, route, text, type Route } from './route.ts';
import * as schemas from './schemas-policy.ts';

const agreeBody = z.strictObject({ rule: text, seen: text });
const withdrawBody = z.strictObject({ rule: text });
const approveAllBody = z.strictObject({ seen: text });

/** What people agree to beyond one step: that a rule acts by itself, and all steps of a breached third party at once. */
export const policyRoutes: readonly Route[] = [
  route('GET', '/api/enforcement', {
    least: 'viewer', summary: 'Rules of the policy that say enforce, and whether they act by themselves.', answer: schemas.enforcement,
    handle: ({ desk }) => ok({ rules: desk.enforced() }),
  }),
  route('POST', '/api/enforcement', {
    least: 'responder', needsFreshLogin: true, summary: 'Agrees that a rule acts by itself; two different people must.',
    body: agreeBody, answer: schemas.enforcement,
    handle: ({ body, by, desk }) => decided(desk.agree(body.rule, by.name, body.seen), () => ({ rules: desk.enforced() })),
  }),
  route('POST', '/api/enforcement/withdraw', {
    least: 'responder', summary: 'Takes back what people agreed to: the rule acts by itself no more. One person is enough, as with stopping.',
    body: withdrawBody, answer: schemas.enforcement,
    handle: ({ body, by, desk }) => decided(desk.withdraw(body.rule, by.name), () => ({ rules: desk.enforced() })),
  }),
  route('GET', '/api/incidents/:id/approval', {
    least: 'viewer', summary: 'What one word would let go on, where a third party that holds several credentials was breached.',
    mayConflict: true, answer: schemas.covered,
    handle: ({ params, desk }) => {
      const covered = desk.covered(params.id);
      if (typeof covered === 'string') return decided({ ok: false, reason: covered }, () => ({}));
      return ok({ seen: covered.seen, intents: covered.intents.map(({ id }) => id) });
    },
  }),
  route('POST', '/api/incidents/:id/approve', {
    least: 'responder', needsFreshLogin: true, summary: 'Lets all of that be done, each step as if it were approved by itself.',
    body: approveAllBody, answer: schemas.incidentAnswer,
    handle: ({ params, body, by, desk }) => decided(desk.approveAll(params.id, by.name, body.seen), () => ({ incidentId: params.id })),
  }),
];
