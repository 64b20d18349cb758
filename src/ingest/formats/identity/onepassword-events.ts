import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, fromAddress, iam, info, issuedToken, presented, start } from '../audit.ts';

const id = 'onepassword.events';

const fields = {
  id: path('uuid'), time: path('timestamp'), account: path('account_uuid'), category: path('category'), type: path('type'), action: path('action'),
  session: firstOf(path('session_uuid'), path('session', 'uuid')), address: firstOf(path('client', 'ip_address'), path('session', 'ip')),
  appName: path('client', 'app_name'), appVersion: path('client', 'app_version'),
  userId: firstOf(path('target_user', 'uuid'), path('user', 'uuid'), path('actor_uuid')),
  userName: firstOf(path('target_user', 'name'), path('user', 'name'), path('actor_details', 'name')),
  userEmail: firstOf(path('target_user', 'email'), path('user', 'email'), path('actor_details', 'email')),
  userType: firstOf(path('target_user', 'type'), path('user', 'type'), path('actor_type')),
  vault: path('vault_uuid'), item: path('item_uuid'), objectType: path('object_type'), objectId: path('object_uuid'), targetUser: path('target_user', 'uuid'),
};
type Fields = Values<typeof fields>;
const access: readonly string[] = ['access'];

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A 1Password event has no timestamp.');
  const account = text(values.account);
  const issuer = account === null ? 'onepassword' : `onepassword:${account}`;
  const event = auditEvent(id, 'onepassword', timeMs, 'iam', context);
  const isSignIn = isAttempt(values);
  const category = text(values.category);
  event.id = text(values.id) ?? '';
  event.action = text(values.action) ?? text(values.type);
  event.category = isSignIn ? authentication : iam;
  event.outcome = !isSignIn || category === 'success' || category === 'firewall_reported_success' ? 'success' : 'failure';
  event.type = event.outcome === 'failure' ? denied : isSignIn ? start : values.item === null ? info : access;
  event.code = event.outcome === 'failure' ? category : null;
  event.reason = event.outcome === 'failure' ? text(values.type) : null;
  event.organization = account;
  event.vantage = context.source.vantage ?? (values.item === null ? 'iam' : 'resource');
  event.authenticated = event.outcome === 'success';
  const name = text(values.appName);
  event.userAgent = name === null ? null : [name, text(values.appVersion)].filter((part) => part !== null).join('/');
  fromAddress(event, values.address);
  describeCaller(event, values, issuer);
  describeSession(event, values, isSignIn, issuer, context);
  return event;
}

function isAttempt(values: Fields): boolean {
  return values.category !== null && values.targetUser !== null;
}

function describeCaller(event: TokenEvent, values: Fields, issuer: string): void {
  event.userId = text(values.userId);
  event.userName = text(values.userName) ?? text(values.userEmail);
  event.userEmail = text(values.userEmail);
  const isService = text(values.userType)?.toLowerCase().includes('service') === true;
  calledBy(event, issuer, event.userId, isService ? 'service' : 'human', event.userEmail ?? event.userName);
  const vault = text(values.vault);
  const item = text(values.item);
  event.resourceId = item === null ? text(values.objectId) : `${vault ?? ''}/${item}`;
  event.resourceKind = item !== null ? 'secret' : event.resourceId === null ? null : text(values.objectType) ?? 'object';
}

function describeSession(event: TokenEvent, values: Fields, isSignIn: boolean, issuer: string, context: NormalizeContext): void {
  const session = text(values.session);
  if (isSignIn && event.outcome === 'success') {
    issuedToken(event, issuer, session, 'session', event.identityId, context, 'session');
    return;
  }
  if (isSignIn) return;
  presented(event, issuer, session, 'session', context, 'session');
  if (event.token !== null) event.lifecycle = 'used';
}

export const onepasswordEvents = defineFormat({
  id,
  title: '1Password events',
  describe: 'Sign-in attempts, item usages and audit events of 1Password (Events API reference).',
  vantage: 'iam',
  repeats: true,
  notes: [
    'The category of a sign-in attempt is the verdict; item usages and audit events tell what an authenticated member or service account did.',
    'Sessions are named by sign-ins and audit events, not by item usages: these are tied to the account by its id.',
    'The user agent is made of the application\'s name and version. No sizes.',
    'Pages of the API are taken apart.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => values.id !== null && values.time !== null && (isAttempt(values) && values.session !== null
      || values.item !== null && values.vault !== null || values.objectType !== null && values.action !== null && values.userId !== null),
  })],
});
