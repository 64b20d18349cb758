import { firstOf, path, type Path } from '../../paths.ts';
import type { SecretView, Value, Values } from '../format.ts';

/**
 * A record of OCI Logging stands alone (Service Connector Hub, Streaming), under `logContent` (Logging search), or flattened
 * with points in its keys (exports of Log Analytics).
 */
export const logged = (...keys: string[]): Path<Value> => firstOf(
  path(...keys), path('logContent', ...keys), path(keys.join('.')), path(`logContent.${keys.join('.')}`),
);

const data = (...keys: string[]) => logged('data', ...keys);
const identity = (key: string) => data('identity', key);
/** Columns of Log Analytics, by the names that people see. */
const column = (...names: string[]) => names.map((name) => path(name));

export const ociAuditFields = {
  type: firstOf(path('eventType'), logged('type'), ...column('Event Type')),
  time: firstOf(path('eventTime'), logged('time'), ...column('Event Time', 'Time')),
  eventId: firstOf(path('eventId'), path('eventID'), logged('id'), ...column('Event ID')),
  eventName: firstOf(data('eventName'), ...column('Event Name', 'Event')), source: firstOf(logged('source'), ...column('Event Source')),
  logSource: path('Log Source'),
  principalName: firstOf(identity('principalName'), ...column('Principal Name', 'User Name')),
  principalId: firstOf(identity('principalId'), ...column('Principal ID', 'User ID')),
  authType: firstOf(identity('authType'), ...column('Authentication Type')),
  callerId: identity('callerId'), callerName: identity('callerName'),
  tenant: firstOf(identity('tenantId'), logged('oracle', 'tenantid'), ...column('Tenant ID', 'Tenancy ID')),
  address: firstOf(identity('ipAddress'), ...column('Source IP', 'Client Host IP', 'IP Address')),
  userAgent: firstOf(identity('userAgent'), ...column('User Agent')), consoleSession: identity('consoleSessionId'),
  credentials: firstOf(identity('credentials'), ...column('Credentials')),
  requestId: firstOf(data('request', 'id'), ...column('Request ID')), path: firstOf(data('request', 'path'), ...column('Request Path', 'URI')),
  method: firstOf(data('request', 'action'), ...column('Method', 'Request Action')),
  status: firstOf(data('response', 'status'), ...column('Status', 'Status Code', 'Response Code')),
  responseTime: data('response', 'responseTime'), message: firstOf(data('response', 'message'), data('message'), ...column('Message')),
  compartment: firstOf(data('compartmentId'), ...column('Compartment ID')),
  resourceId: firstOf(data('resourceId'), ...column('Resource ID', 'OCI Resource ID')),
  resourceName: firstOf(data('resourceName'), ...column('Resource Name', 'OCI Resource Name')),
  domain: firstOf(data('availabilityDomain'), ...column('Availability Domain')),
  newId: data('response', 'payload', 'id'), newFingerprint: data('response', 'payload', 'fingerprint'), newKeyId: data('response', 'payload', 'keyId'),
};
/** A session's security token (`ST$...`) can stand where the id of a key stands. */
export const ociAuditSecrets = { credentials: ociAuditFields.credentials };
export type OciAuditFields = Values<typeof ociAuditFields>;
export interface OciAuditSecrets { readonly credentials: SecretView | null }
