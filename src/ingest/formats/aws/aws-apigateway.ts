import { firstOf, path } from '../../paths.ts';
import { instant, text, useOf } from '../../values.ts';
import type { TokenEvent } from '../../../model/event.ts';
import { accessEvent, describeClaims, duration, verdictOf } from '../access.ts';
import { presented } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { isCount, isStatus, lineFields, requestLine, wordsOf, type LineValues } from '../line.ts';
import { sessionRole } from './aws-arn.ts';
import { isUniqueId } from './aws-cloudtrail-tables.ts';

const id = 'aws.apigateway';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

/** Keys of the stock JSON, and those that an operator adds; a source's `mapping` may set the names on the left to other keys. */
const fields = {
  requestTime: any('requestTime', 'requestTimeEpoch'), latency_ms: path('responseLatency'), request_id: path('requestId'), src: any('ip', 'sourceIp'),
  method: path('httpMethod'), path: any('path', 'resourcePath'), routeKey: path('routeKey'), eventType: path('eventType'), connection: path('connectionId'),
  host: path('domainName'), status: path('status'), bytes_out: path('responseLength'), user_agent: path('userAgent'), service: path('apiId'),
  account: path('accountId'), stage: path('stage'), caller: path('caller'), user: path('user'), userArn: path('userArn'), accessKey: path('accessKey'),
  apiKeyId: path('apiKeyId'), principal: path('principalId'), errorType: any('errorResponseType', 'errorType'), authorizer: path('authorizerStatus'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'), iat: path('iat'), exp: path('exp'), scope: path('scope'),
};
type Fields = Values<typeof fields>;

/** `requestTime` beside an id is what API Gateway alone writes; a message of a WebSocket has a type in place of a method. */
function recognize(values: Fields): boolean {
  if (values.requestTime === null || values.request_id === null || values.status === null) return false;
  return values.method !== null || values.routeKey !== null || values.eventType !== null;
}

function normalize(values: Partial<Fields>, context: NormalizeContext): Normalized {
  const timeMs = instant(values.requestTime, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An API Gateway record has no requestTime.');
  const event = accessEvent(id, 'aws', timeMs, duration(values.latency_ms, 1), values, context);
  nameRoute(event, values);
  event.cloudProvider = 'aws';
  event.cloudAccount = text(values.account);
  event.action = text(values.eventType);
  event.code = event.outcome === 'failure' ? text(values.errorType) : null;
  const isKnown = text(values.sub) !== null || text(values.jti) !== null || text(values.principal) !== null || text(values.caller) !== null;
  event.authenticated = refuses(event) ? false : verdictOf(event, values, context) ?? (isKnown || text(values.apiKeyId) !== null ? true : null);
  describeClaims(event, values, context);
  describeCaller(event, values, context);
  return event;
}

/** HTTP and WebSocket APIs write `GET /orders/{id}` or `sendmessage` in place of method and path. */
function nameRoute(event: TokenEvent, values: Partial<Fields>): void {
  const route = text(values.routeKey);
  if (route === null || route === '$default') return;
  const line = requestLine(route);
  event.method ??= line.method;
  event.resourceId = `${event.urlDomain ?? event.service ?? ''}${line.path ?? `/${route}`}`;
  event.resourceKind = 'route';
}

/** Types of gateway responses with which the credential was turned away, not the action (API Gateway developer guide). */
const refusals: ReadonlySet<string> = new Set([
  'UNAUTHORIZED', 'EXPIRED_TOKEN', 'INVALID_API_KEY', 'INVALID_SIGNATURE', 'MISSING_AUTHENTICATION_TOKEN', 'AUTHORIZER_FAILURE',
]);
function refuses(event: TokenEvent): boolean {
  return event.code !== null && refusals.has(event.code);
}

/** A signed request by its access key, which CloudTrail names alike; else an API key by its id. */
function describeCaller(event: TokenEvent, values: Partial<Fields>, context: NormalizeContext): void {
  const accessKey = text(values.accessKey), apiKey = text(values.apiKeyId);
  if (event.token === null && accessKey !== null && isUniqueId(accessKey)) {
    presented(event, 'aws', accessKey, accessKey.startsWith('ASIA') ? 'temporary_key' : 'access_key', context);
  } else if (event.token === null) presented(event, 'aws', apiKey, 'api_key', context);
  event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
  const arn = text(values.userArn), principal = text(values.principal);
  event.userId ??= text(values.user) ?? text(values.caller) ?? principal;
  if (event.identityId !== null || event.authenticated === false) return;
  const owner = arn !== null ? sessionRole(arn) : uniqueIdOf(event, text(values.caller)) ?? (principal === null ? null : `apigateway:${principal}`);
  if (owner === null) return;
  event.identityId = owner;
  event.identityKind = owner.includes('assumed-role') || owner.includes(':AROA') ? 'role' : 'unknown';
  event.identityName = text(owner.slice(Math.max(owner.lastIndexOf('/'), owner.lastIndexOf(':')) + 1));
}

/** `AROA...:session` or `AIDA...` under the account, as `aws.cloudtrail` names the same principal. */
function uniqueIdOf(event: TokenEvent, caller: string | null): string | null {
  const uniqueId = caller?.split(':', 1)[0] ?? '';
  return event.cloudAccount === null || !isUniqueId(uniqueId) ? null : `aws:${event.cloudAccount}:${uniqueId}`;
}

/** The stock common line of a REST API: `ip caller user [time]"METHOD path protocol" status length id`. */
function apiGatewayLine(line: string): LineValues | null {
  const close = line.indexOf(']"');
  const bracket = close < 0 ? -1 : line.indexOf(' [');
  if (bracket < 5 || close < bracket || close - bracket > 40) return null;
  const front = line.slice(0, bracket).split(' ', 4);
  const words = wordsOf(line, close + 1);
  if (front.length !== 3 || words === null || words.length < 4 || words.length > 5 || !isStatus(words[1]) || !isCount(words[2])) return null;
  const { method, path: target } = requestLine(words[0]!);
  return {
    src: front[0]!, caller: front[1]!, user: front[2]!, requestTime: line.slice(bracket + 2, close), method, path: target, status: words[1]!,
    bytes_out: words[2]!, request_id: words[3]!,
  };
}
const textFields = lineFields(
  'src', 'caller', 'user', 'requestTime', 'method', 'path', 'status', 'bytes_out', 'request_id',
);

export const awsApigateway = defineFormat({
  id,
  title: 'Amazon API Gateway access log',
  describe: 'Access logs of REST, HTTP and WebSocket APIs (API Gateway developer guide: access logging variables): stock JSON, stock line, or with more keys.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Claims, caller and principal are filled only after the authorizer or IAM accepted the request: they are the verdict. Gateway responses that',
    'refuse the credential make it false. The stock JSON has caller and user of IAM requests, but no id of any token.',
    'responseLength is the body, without headers. requestTime has whole seconds: log requestTimeEpoch too.',
    'Add to the access log format (for an HTTP API $context.authorizer.claims.azp and so on; principalId for a Lambda authorizer):',
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime","httpMethod":"$context.httpMethod",'
    + '"path":"$context.path","routeKey":"$context.routeKey","status":"$context.status","responseLength":"$context.responseLength",',
    '"responseLatency":"$context.responseLatency","userAgent":"$context.identity.userAgent","domainName":"$context.domainName",'
    + '"apiId":"$context.apiId","accountId":"$context.accountId","userArn":"$context.identity.userArn","accessKey":"$context.identity.accessKey",',
    '"apiKeyId":"$context.identity.apiKeyId","errorType":"$context.error.responseType","iss":"$context.authorizer.claims.iss",'
    + '"sub":"$context.authorizer.claims.sub","client_id":"$context.authorizer.claims.client_id","jti":"$context.authorizer.claims.jti"}',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: apiGatewayLine, whole: true, fields: textFields, recognize: (values) => values.status !== null, normalize }),
  ],
});
