import type { TokenEvent } from '../../../model/event.ts';
import { path, subtree } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { count, instant, text } from '../../values.ts';
import { api, auditEvent, calledBy, fromAddress, info } from '../audit.ts';
import { describeClaims, describeRequest, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { accessType, deniedType } from '../gateway.ts';
import { attributesOf, type Attributes } from './otlp-attributes.ts';

const id = 'otlp.logs';

const maxAttributeBytes = 65_536;

const fields = {
  time: path('timeUnixNano'), observed: path('observedTimeUnixNano'), eventName: path('eventName'), severity: path('severityNumber'),
  traceId: path('traceId'), firstAttribute: path('attributes', '0', 'key'), attributes: subtree(['attributes'], maxAttributeBytes),
};
type Fields = Values<typeof fields>;

function recognize({ time, observed, severity, firstAttribute, traceId, eventName }: Fields): boolean {
  return (time !== null || observed !== null) && (severity !== null || firstAttribute !== null || traceId !== null || eventName !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const list = values.attributes;
  if (list === null && values.firstAttribute !== null) return quarantine('too_large', `The attributes are longer than ${maxAttributeBytes} bytes.`);
  const attributes = attributesOf(list);
  // A program's own log: it tells of no call and of nobody.
  if (attributes === null) return 'ignore';
  const timeMs = unixNano(values.time) ?? unixNano(values.observed) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An OpenTelemetry log record has neither timeUnixNano nor observedTimeUnixNano.');
  const event = auditEvent(id, 'opentelemetry', timeMs, 'gateway', context);
  event.action = text(values.eventName) ?? text(attributes['event']);
  event.id = text(attributes['eventId']) ?? '';
  event.requestId = text(values.traceId);
  describeCall(event, attributes);
  describeCaller(event, attributes, context);
  return event;
}

/** 0 stands for unknown. */
function unixNano(value: Value): number | null {
  return value === '0' || value === 0 ? null : instant(value);
}

function describeCall(event: TokenEvent, attributes: Attributes): void {
  const { method, status, url, error } = attributes;
  describeRequest(event, {
    method, status, absolute: url, path: text(attributes['path']), host: attributes['host'], bytes_out: attributes['bytes'],
    user_agent: attributes['userAgent'], request_id: event.requestId, service: attributes['service'],
  });
  if (event.outcome === 'unknown' && error !== undefined) event.outcome = 'failure';
  event.type = event.outcome === 'failure' ? deniedType : accessType;
  event.code = event.outcome === 'failure' ? text(error) : null;
  if (method === undefined && status === undefined && text(url) === null) notOfTheWeb(event);
  event.cloudProvider = text(attributes['cloudProvider']);
  event.cloudAccount = text(attributes['account']);
  event.cloudRegion = text(attributes['region']);
  fromAddress(event, attributes['address']);
  event.sourcePort ??= event.sourceIp === null ? null : count(attributes['port']);
}

function notOfTheWeb(event: TokenEvent): void {
  event.category = api;
  event.type = info;
  event.resourceId = event.resourceKind = null;
}

function describeCaller(event: TokenEvent, attributes: Attributes, context: NormalizeContext): void {
  const { iss, sub, client, jti, iat, exp, scope } = attributes;
  event.authenticated = routeVerdict(event, context);
  describeClaims(event, { iss, sub, client_id: client, jti, iat, exp, scope, token_sha256: attributes['tokenDigest'] }, context);
  const user = text(attributes['userId']);
  event.userId ??= user;
  event.userName = text(attributes['userName']) ?? event.userName;
  event.userEmail = text(attributes['userEmail']);
  const issuer = configuredIssuer(context.source);
  if (event.identityId === null && issuer !== null) calledBy(event, issuer, user ?? event.userName, 'unknown', event.userName ?? user);
}

export const otlpLogs = defineFormat({
  id,
  title: 'OpenTelemetry logs',
  describe: 'Log records in OTLP\'s JSON (specification: OpenTelemetry Protocol), whose attributes follow the semantic conventions for HTTP, user and client.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Attributes carry no verdict but a status of 401; where every route refuses anonymous calls, set refuses_anonymous.',
    'Bytes are http.response.body.size (without headers), else http.response.size (with them).',
    'Name the token by attributes jwt.iss, jwt.sub, jwt.azp, jwt.jti or token.sha256, for instance in the collector: processors: {transform: '
      + '{log_statements: [{context: log, statements: ["set(attributes[\\"jwt.jti\\"], attributes[\\"http.request.header.x-token-id\\"])"]}]}}.',
    'Records whose body is a line that a collector picked up are read by that line\'s own format. Attributes of the resource are not read: '
      + 'copy service.name and cloud.account.id to the record. Records without any telling attribute are ignored.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
