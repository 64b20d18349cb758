import { each, firstOf, path } from '../../paths.ts';
import type { Values } from '../format.ts';

const payload = (...keys: string[]) => firstOf(path('protoPayload', ...keys), path('protopayload', ...keys));
const auth = (...keys: string[]) => payload('authenticationInfo', ...keys);
const metadata = (...keys: string[]) => payload('requestMetadata', ...keys);
const label = (key: string) => path('resource', 'labels', key);

/** What is read of a log entry. Collectors write some keys in small letters. Requests and responses are read for the names of keys only. */
export const gcpFields = {
  type: firstOf(payload('@type'), payload('at_sign_type')),
  timestamp: path('timestamp'), received: firstOf(path('receiveTimestamp'), path('receivetimestamp')),
  insertId: firstOf(path('insertId'), path('insertid')), logName: firstOf(path('logName'), path('logname')),
  serviceName: payload('serviceName'), methodName: payload('methodName'), resourceName: payload('resourceName'),
  principalEmail: auth('principalEmail'), principalSubject: auth('principalSubject'), keyName: auth('serviceAccountKeyName'),
  authority: auth('authoritySelector'), oauthClient: auth('oauthInfo', 'oauthClientId'),
  delegation: each(['protoPayload', 'authenticationInfo', 'serviceAccountDelegationInfo'],
    firstOf(path('firstPartyPrincipal', 'principalEmail'), path('principalSubject'))),
  mapped: firstOf(payload('metadata', 'mapped_principal'), payload('metadata', 'mappedPrincipal')),
  callerIp: firstOf(metadata('callerIp'), metadata('callerIP')), userAgent: metadata('callerSuppliedUserAgent'),
  callerNetwork: metadata('callerNetwork'),
  code: payload('status', 'code'), message: payload('status', 'message'),
  granted: payload('authorizationInfo', '0', 'granted'),
  operation: path('operation', 'id'), first: path('operation', 'first'), last: path('operation', 'last'),
  resourceType: path('resource', 'type'), project: label('project_id'),
  location: firstOf(label('location'), label('region'), label('zone')),
  member: payload('serviceData', 'policyDelta', 'bindingDeltas', '0', 'member'), delta: payload('serviceData', 'policyDelta', 'bindingDeltas', '0', 'action'),
  target: payload('request', 'name'), newName: payload('response', 'name'),
  newExpiry: payload('response', 'valid_before_time', 'seconds'),
};
export type GcpFields = Values<typeof gcpFields>;
