import { firstOf, path } from '../../paths.ts';
import type { Values } from '../format.ts';

const actor = (...keys: string[]) => path('actor', ...keys);
const meta = (...keys: string[]) => path('metadata', ...keys);
const request = (...keys: string[]) => path('http_request', ...keys);

/** What is read of an event, whatever its class. `unmapped` and `raw_data` are not. */
export const ocsfFields = {
  classUid: path('class_uid'), activity: path('activity_name'), activityId: path('activity_id'), version: meta('version'),
  time: firstOf(path('time'), path('time_dt')), start: firstOf(path('start_time'), path('start_time_dt')), end: firstOf(path('end_time'), path('end_time_dt')),
  uid: firstOf(meta('uid'), meta('original_event_uid')), product: meta('product', 'name'), vendor: meta('product', 'vendor_name'),
  eventCode: meta('event_code'),
  status: path('status'), statusId: path('status_id'), statusCode: path('status_code'), statusDetail: path('status_detail'),
  actorId: firstOf(actor('user', 'uid'), actor('user', 'uid_alt')), actorName: actor('user', 'name'), actorEmail: actor('user', 'email_addr'),
  actorType: actor('user', 'type'), actorTypeId: actor('user', 'type_id'), actorAccount: actor('user', 'account', 'uid'),
  credential: firstOf(actor('user', 'credential_uid'), actor('session', 'credential_uid')), invokedBy: actor('invoked_by'),
  sessionId: firstOf(actor('session', 'uid'), path('session', 'uid')), sessionIssuer: firstOf(actor('session', 'issuer'), path('session', 'issuer')),
  sessionCreated: firstOf(actor('session', 'created_time'), path('session', 'created_time')),
  sessionExpires: firstOf(actor('session', 'expiration_time'), path('session', 'expiration_time')),
  userId: path('user', 'uid'), userName: path('user', 'name'), userEmail: path('user', 'email_addr'), userTypeId: path('user', 'type_id'),
  userCredential: path('user', 'credential_uid'),
  address: firstOf(path('src_endpoint', 'ip'), path('src_endpoint', 'domain'), path('src_endpoint', 'svc_name'), path('src_endpoint', 'hostname')),
  port: path('src_endpoint', 'port'),
  method: request('http_method'), urlPath: firstOf(request('url', 'path'), request('url', 'url_string')),
  host: firstOf(request('url', 'hostname'), path('dst_endpoint', 'hostname')), userAgent: request('user_agent'),
  requestId: firstOf(request('uid'), path('api', 'request', 'uid')),
  code: firstOf(path('http_response', 'code'), path('api', 'response', 'code')),
  bytes: firstOf(path('http_response', 'length'), path('http_response', 'body_length'), path('traffic', 'bytes_out')),
  operation: path('api', 'operation'), service: firstOf(path('api', 'service', 'name'), path('service', 'name')),
  error: path('api', 'response', 'error'), errorMessage: firstOf(path('api', 'response', 'error_message'), path('api', 'response', 'message')),
  provider: path('cloud', 'provider'), region: path('cloud', 'region'), account: path('cloud', 'account', 'uid'), organization: path('cloud', 'org', 'uid'),
  resource: firstOf(path('resources', '0', 'uid'), path('resources', '0', 'name'), path('resource', 'uid')),
  resourceType: firstOf(path('resources', '0', 'type'), path('resource', 'type')),
};
export type OcsfFields = Values<typeof ocsfFields>;
