import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, jsonIn, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { count, instant, text } from '../../values.ts';
import { auditEvent, calledBy, fromAddress, iam } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'plainid.audit';
const column = (name: string) => firstOf(path(name), path(name.toUpperCase()));

/** The request may hold the caller's headers, tokens among them: of both texts only the decision is read. */
const fields = {
  requestId: column('request_id'), time: column('request_time'), duration: column('total_duration'), type: column('request_type'),
  client: column('client_id'), entity: column('entity_id'), entityType: column('entity_type'), organization: column('organization'),
  instance: column('instance_name'), address: column('ip'), externalId: column('external_request_id'),
  result: firstOf(jsonIn(['response'], path('result')), jsonIn(['RESPONSE'], path('result')), path('response', 'result')),
};
type Fields = Values<typeof fields>;

function recognize({ requestId, type, entity, instance, entityType }: Fields): boolean {
  return requestId !== null && type !== null && entity !== null && (instance !== null || entityType !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A PlainID audit row has no request_time.');
  const event = auditEvent(id, 'plainid', timeMs, 'iam', context);
  const durationMs = count(values.duration);
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  event.action = text(values.type);
  event.category = iam;
  event.requestId = text(values.externalId) ?? text(values.requestId);
  event.organization = text(values.organization);
  event.service = text(values.instance);
  fromAddress(event, values.address);
  describeDecision(event, values.result);
  const entity = text(values.entity);
  event.userId = entity;
  event.userName = text(values.client);
  calledBy(event, configuredIssuer(context.source) ?? 'plainid', entity, 'unknown', entity);
  return event;
}

/** PERMIT or DENY; answers that list what is allowed decide nothing yet. */
function describeDecision(event: TokenEvent, result: Fields['result']): void {
  const word = text(result)?.toUpperCase() ?? null;
  event.outcome = word === 'PERMIT' ? 'success' : word === 'DENY' ? 'failure' : 'unknown';
  event.type = word === 'PERMIT' ? ['allowed'] : word === 'DENY' ? ['denied'] : ['info'];
  event.reason = word === 'DENY' ? 'denied by policy' : null;
}

export const plainidAudit = defineFormat({
  id,
  title: 'PlainID authorization audit',
  describe: 'Rows of the authorization audit of PlainID\'s PDP (documentation: Authorization Audit Configuration), as JSON with the columns\' names.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'A decision says what somebody may do, not who he is: authenticated is absent. DENY is a failure.',
    'No token is named. The subject is entity_id under the source\'s only configured issuer: configure that of the tokens which callers show, '
      + 'then it is the identity that gateways write.',
    'The log tells no bytes. Values of the PDP: extraEnv: {isDataBaseEnable: "true"}, then ship the table authorization_audit as JSON.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
