import type { Outcome } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { count, instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, fromAddress, iam, info, start } from '../audit.ts';

const id = 'onelogin.events';

const fields = {
  id: firstOf(path('uuid'), path('id')), time: firstOf(path('created_at'), path('event_timestamp')), type: path('event_type_id'),
  account: path('account_id'), actorId: path('actor_user_id'), actorName: path('actor_user_name'), actorSystem: path('actor_system'),
  userId: path('user_id'), userName: path('user_name'), address: path('ipaddr'), appId: path('app_id'), appName: path('app_name'),
  client: path('client_id'), error: path('error_description'),
};
type Fields = Values<typeof fields>;

/** Types whose meaning is a verdict; the rest tell what was done, and their names stand in a list of OneLogin's. */
const outcomes: Readonly<Record<number, Outcome>> = { 3: 'success', 5: 'success', 8: 'success', 6: 'failure', 9: 'failure', 90: 'failure' };
const assumed = 3;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A OneLogin event has no created_at.');
  const type = count(values.type)!;
  const account = text(values.account);
  const issuer = account === null ? 'onelogin' : `onelogin:${account}`;
  const event = auditEvent(id, 'onelogin', timeMs, 'iam', context);
  const isLogin = type in outcomes;
  event.id = text(values.id) ?? '';
  event.action = String(type);
  event.outcome = outcomes[type] ?? (given(values.error) === null ? 'unknown' : 'failure');
  event.category = isLogin ? authentication : iam;
  event.type = event.outcome === 'failure' ? denied : isLogin ? start : info;
  event.reason = event.outcome === 'failure' ? shortText(values.error) : null;
  event.organization = account;
  event.service = given(values.appName) ?? given(values.client);
  event.resourceId = given(values.appId);
  event.resourceKind = event.resourceId === null ? null : 'application';
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && isLogin ? false : null;
  fromAddress(event, values.address);
  describePeople(event, values, issuer);
  return event;
}

/** Empty and made-up values of exports. */
function given(value: Value): string | null {
  const found = text(value);
  return found === 'Default' || found === '0' ? null : found;
}

type Event = ReturnType<typeof auditEvent>;
function describePeople(event: Event, values: Fields, issuer: string): void {
  const actor = given(values.actorId);
  const user = given(values.userId);
  event.userId = actor ?? (given(values.actorSystem) === null ? user : null);
  event.userName = given(values.actorName) ?? (event.userId === user ? given(values.userName) : given(values.actorSystem));
  calledBy(event, issuer, event.userId, 'human', event.userName);
  if (user !== null && user !== event.userId) {
    event.targetUserId = user;
    event.targetUserName = given(values.userName);
  }
  if (event.action !== String(assumed)) return;
  event.effectiveUserId = user;
  event.effectiveUserName = given(values.userName);
}

export const oneloginEvents = defineFormat({
  id,
  title: 'OneLogin events',
  describe: 'Events of OneLogin (API reference: Event resource and types), by its API or event broadcaster.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'Sign-ins (event types 5 and 8) are the verdict, 6, 9 and 90 refusals. Other types tell what was done and have no outcome, unless an error is described.',
    'The action is the number of the event type, as logged.',
    'No tokens, sessions, user agents or sizes are logged: events are tied to people, not to tokens.',
    'Pages of the API are taken apart.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => count(values.type) !== null && (values.actorId !== null || values.userId !== null || values.address !== null),
  })],
});
