import { firstOf, path } from '../../paths.ts';
import { flag, instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, fromAddress, iam, info, start } from '../audit.ts';

const id = 'jumpcloud.directory';

const fields = {
  id: path('id'), time: path('timestamp'), type: path('event_type'), service: path('service'), organization: path('organization'), version: path('@version'),
  address: firstOf(path('client_ip'), path('src_ip')), success: path('success'), actorId: path('initiated_by', 'id'), actorType: path('initiated_by', 'type'),
  actorName: firstOf(path('initiated_by', 'username'), path('initiated_by', 'email')), actorEmail: path('initiated_by', 'email'),
  resourceId: path('resource', 'id'), resourceType: path('resource', 'type'), resourceName: path('resource', 'username'), userName: path('username'),
  application: firstOf(path('application', 'display_label'), path('application', 'name')), applicationId: path('application', 'id'),
  error: firstOf(path('error_message'), path('message')), agent: path('user_agent'),
};
type Fields = Values<typeof fields>;

const isLogin = /(?:login|auth|_attempt)/;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A JumpCloud event has no timestamp.');
  const organization = text(values.organization);
  const issuer = organization === null ? 'jumpcloud' : `jumpcloud:${organization}`;
  const event = auditEvent(id, 'jumpcloud', timeMs, 'iam', context);
  const action = text(values.type)!;
  const success = flag(values.success);
  const isAuthentication = isLogin.test(action);
  event.id = text(values.id) ?? '';
  event.action = action;
  event.category = isAuthentication ? authentication : iam;
  event.outcome = success === null ? 'unknown' : success ? 'success' : 'failure';
  event.type = success === false ? denied : isAuthentication ? start : info;
  event.reason = success === false ? shortText(values.error) : null;
  event.organization = organization;
  event.service = text(values.application) ?? text(values.service);
  event.userAgent = shortText(values.agent, 2048);
  event.authenticated = success === true ? true : success === false && isAuthentication ? false : null;
  fromAddress(event, values.address);
  describePeople(event, values, issuer);
  return event;
}

type Event = ReturnType<typeof auditEvent>;
function describePeople(event: Event, values: Fields, issuer: string): void {
  const isService = values.actorType === 'system' || values.actorType === 'application' || values.actorType === 'api';
  event.userId = text(values.actorId);
  event.userName = text(values.actorName) ?? text(values.userName);
  event.userEmail = text(values.actorEmail);
  calledBy(event, issuer, event.userId, isService ? 'service' : 'human', event.userName);
  const resource = text(values.resourceId) ?? text(values.applicationId);
  event.resourceId = resource;
  event.resourceKind = resource === null ? null : text(values.resourceType) ?? 'application';
  if (resource === null || resource === event.userId || values.resourceType !== 'user') return;
  event.targetUserId = resource;
  event.targetUserName = text(values.resourceName);
}

export const jumpcloudDirectory = defineFormat({
  id,
  title: 'JumpCloud Directory Insights',
  describe: 'Events of JumpCloud Directory Insights (API reference: Directory Insights), by its API or exported.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'success is the verdict. Events that have none tell what was done.',
    'No tokens, sessions or sizes are logged: events are tied to people by their id.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => values.type !== null && values.service !== null && values.organization !== null && values.time !== null
      && (values.actorType !== null || values.version !== null),
  })],
});
