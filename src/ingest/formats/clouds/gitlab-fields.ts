import { firstOf, path, where } from '../../paths.ts';
import type { Values } from '../format.ts';

const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));
const detail = (name: string) => firstOf(path(name), path('details', name));

/** Audit events: streamed, by REST, and in `audit_json.log`. */
export const auditFields = {
  time: any('created_at', 'time'), eventId: path('id'), severity: path('severity'), correlationId: path('correlation_id'),
  authorId: path('author_id'), authorName: detail('author_name'), authorEmail: detail('author_email'), authorClass: detail('author_class'),
  entityId: path('entity_id'), entityType: path('entity_type'), entityPath: detail('entity_path'),
  targetId: detail('target_id'), targetType: detail('target_type'), targetDetails: detail('target_details'),
  address: detail('ip_address'), eventType: firstOf(path('event_type'), path('event_name'), path('details', 'event_name')),
  message: firstOf(path('details', 'custom_message'), path('custom_message')), change: detail('change'),
  add: detail('add'), remove: detail('remove'), failedLogin: detail('failed_login'), with: path('with'),
};
export type AuditFields = Values<typeof auditFields>;

/** Requests: `production_json.log` and `api_json.log`. Of their `params` only the name is read under which somebody signs in. */
export const requestFields = {
  time: path('time'), method: path('method'), path: path('path'), status: path('status'), duration: path('duration_s'),
  controller: path('controller'), action: path('action'), route: path('route'), caller: path('meta.caller_id'),
  address: any('remote_ip', 'meta.remote_ip'), userAgent: path('ua'), correlationId: path('correlation_id'), host: path('host'),
  userId: any('user_id', 'meta.user_id'), userName: any('username', 'meta.user'), project: any('meta.project', 'meta.root_namespace'),
  tokenType: path('token_type'), tokenId: path('token_id'), exception: path('exception.class'),
  login: firstOf(where(['params'], 'key', 'user', path('value', 'login')), where(['params'], 'key', 'username', path('value'))),
};
export type RequestFields = Values<typeof requestFields>;
