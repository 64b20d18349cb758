import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, pathOnly, shortText, table, text, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { absent, auditEvent, authentication, calledBy, change, denied, end, fromAddress, iam, info, start } from '../audit.ts';

const id = 'authentik.events';
const inContext = (...keys: string[]) => path('context', ...keys);

const common = {
  action: path('action'), address: path('client_ip'), userPk: path('user', 'pk'), userName: path('user', 'username'), userEmail: path('user', 'email'),
  triedName: firstOf(inContext('username'), path('identifier')), method: inContext('http_request', 'method'), path: inContext('http_request', 'path'),
  agent: inContext('http_request', 'user_agent'), application: firstOf(inContext('authorized_application', 'name'), inContext('application', 'name')),
  applicationPk: inContext('authorized_application', 'pk'), scopes: inContext('scopes'), message: inContext('message'),
  modelName: inContext('model', 'model_name'), modelPk: inContext('model', 'pk'),
  actualUser: path('user', 'on_behalf_of', 'username'), actualPk: path('user', 'on_behalf_of', 'pk'),
};
const logFields = {
  ...common, id: absent, time: path('timestamp'), logger: path('logger'), host: path('host'), request: path('request_id'), event: path('event'),
};
const apiFields = {
  ...common, id: path('pk'), time: path('created'), logger: path('app'), host: firstOf(path('brand', 'domain'), path('tenant', 'domain')),
  request: inContext('http_request', 'request_id'), event: path('expires'),
};
type Found = Values<typeof logFields>;

const failures: ReadonlySet<string> = new Set(['login_failed', 'invalid_identifier', 'suspicious_request', 'policy_exception', 'system_task_exception']);
const logins: ReadonlySet<string> = new Set(['login', 'login_failed', 'logout', 'authorize_application', 'invalid_identifier', 'source_linked']);
const types = table<readonly string[]>({
  login: start, logout: end, model_created: ['creation'], model_updated: change, model_deleted: ['deletion'], user_write: change, password_set: change,
});

function normalize(found: Found, context: NormalizeContext): Normalized {
  const action = text(found.action);
  if (action === null) return 'ignore';
  const timeMs = instant(found.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An authentik event has no time.');
  const host = text(found.host);
  const issuer = configuredIssuer(context.source) ?? (host === null ? 'authentik' : `authentik:${host}`);
  const event = auditEvent(id, 'authentik', timeMs, 'iam', context);
  const isFailure = failures.has(action);
  event.id = text(found.id) ?? '';
  event.action = action;
  event.category = logins.has(action) ? authentication : iam;
  event.outcome = isFailure ? 'failure' : 'success';
  event.type = isFailure ? denied : types[action] ?? info;
  event.reason = isFailure ? shortText(found.message) : null;
  event.urlDomain = host;
  event.method = text(found.method);
  event.urlPath = pathOnly(found.path);
  event.requestId = text(found.request);
  event.userAgent = shortText(found.agent, 2048);
  event.authenticated = !isFailure ? true : logins.has(action) ? false : null;
  fromAddress(event, found.address);
  describeCaller(event, found, issuer, isFailure);
  event.resourceId = text(found.applicationPk) ?? text(found.modelPk);
  event.resourceKind = event.resourceId === null ? null : found.applicationPk === null ? text(found.modelName) ?? 'object' : 'application';
  event.service = text(found.application);
  if (action !== 'authorize_application') return event;
  // Which token comes of it is not logged.
  event.lifecycle = 'granted';
  event.scopes = words(found.scopes);
  return event;
}

/** Before a login the caller is nobody; the name that was tried is told. */
function describeCaller(event: TokenEvent, found: Found, issuer: string, isFailure: boolean): void {
  const name = text(found.userName);
  const isAnonymous = name === null || name === 'AnonymousUser';
  const actual = text(found.actualPk);
  if (isAnonymous || isFailure && found.triedName !== null) {
    event.userName = text(found.triedName);
    return;
  }
  event.userId = actual ?? text(found.userPk);
  event.userName = actual === null ? name : text(found.actualUser);
  event.userEmail = actual === null ? text(found.userEmail) : null;
  if (actual !== null) {
    event.effectiveUserId = text(found.userPk);
    event.effectiveUserName = name;
  }
  const isService = event.userName?.startsWith('ak-') === true;
  calledBy(event, issuer, event.userId, isService ? 'service' : 'human', event.userName);
}

export const authentikEvents = defineFormat({
  id,
  title: 'authentik events',
  describe: 'Events of authentik (documentation: Events), by its API, a webhook transport or the server\'s JSON log.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'login is the verdict, login_failed the refusal.',
    'authorize_application says that tokens were granted, not which. A gateway\'s tokens are tied by their subject where the provider\'s subject '
      + 'mode is the user\'s id.',
    'Configure the provider\'s issuer on the source; else it is authentik:<host>.',
    'Other lines of the server\'s log are ignored. No sizes.',
    'Pages of the API are taken apart.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: logFields, normalize,
      recognize: (values) => typeof values.logger === 'string' && values.logger.startsWith('authentik.') && values.event !== null,
    }),
    shape({
      kind: 'json', fields: apiFields, normalize,
      recognize: (values) => typeof values.logger === 'string' && values.logger.startsWith('authentik') && values.id !== null && values.action !== null
        && values.time !== null,
    }),
  ],
});
