import type { IdentityKind, TokenEvent, TokenKind } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { auditEvent, authentication, calledBy, fromAddress, info, presented, start } from '../audit.ts';
import { presentedByLease } from '../leased-user.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'snowflake.login';
const column = (name: string) => firstOf(path(name.toUpperCase()), path(name));

const fields = {
  timestamp: column('event_timestamp'), eventId: column('event_id'), type: column('event_type'), user: column('user_name'),
  address: column('client_ip'), client: column('reported_client_type'), version: column('reported_client_version'),
  first: column('first_authentication_factor'), second: column('second_authentication_factor'),
  firstId: column('first_authentication_factor_id'), isSuccess: column('is_success'), code: column('error_code'),
  message: column('error_message'), organization: column('organization_name'), account: column('account_name'),
};
type Fields = Values<typeof fields>;

function recognize({ timestamp, user, isSuccess, client, first }: Fields): boolean {
  return timestamp !== null && user !== null && isSuccess !== null && (client !== null || first !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.timestamp, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Snowflake login has no EVENT_TIMESTAMP.');
  const event = auditEvent(id, 'snowflake', timeMs, 'iam', context);
  const isSuccess = values.isSuccess === 'YES' || values.isSuccess === true;
  const factor = text(values.first);
  event.id = text(values.eventId) ?? '';
  event.action = text(values.type);
  event.category = authentication;
  event.type = event.action === 'LOGIN' ? start : info;
  event.outcome = isSuccess ? 'success' : 'failure';
  event.code = isSuccess ? null : text(values.code);
  event.reason = isSuccess ? null : shortText(values.message);
  event.authenticated = isSuccess;
  event.organization = text(values.organization);
  event.cloudAccount = text(values.account);
  event.userAgent = agentOf(text(values.client), text(values.version));
  fromAddress(event, values.address);
  describeCaller(event, text(values.user), factor, values, context);
  return event;
}

function agentOf(client: string | null, version: string | null): string | null {
  return client === null || client === 'OTHER' && version === null ? null : version === null ? client : `${client} ${version}`;
}

function describeCaller(event: TokenEvent, user: string | null, factor: string | null, values: Fields, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? 'snowflake';
  event.userName = user;
  event.userEmail = user?.includes('@') === true ? user : null;
  calledBy(event, issuer, user, kindOf(factor, values.second !== null), user);
  const kind = credentials.get(factor ?? '');
  if (kind === undefined) return presentedByLease(event, user, context);
  presented(event, issuer, text(values.firstId), kind, context);
  if (event.token !== null) event.lifecycle = event.authenticated === true ? 'used' : 'refused';
  else event.tokenKind = kind;
}

/** First factors that are tokens or keys; passwords and assertions of an identity provider are none. */
const credentials: ReadonlyMap<string, TokenKind> = new Map([
  ['PROGRAMMATIC_ACCESS_TOKEN', 'opaque'], ['OAUTH_ACCESS_TOKEN', 'opaque'], ['OAUTH_REFRESH_TOKEN', 'refresh'], ['ID_TOKEN', 'jwt'],
  ['RSA_KEYPAIR', 'service_account_key'], ['WORKLOAD_IDENTITY', 'jwt'],
]);

/** A second factor means a person; keys and tokens of a program are nobody's fingers. */
function kindOf(factor: string | null, hasSecond: boolean): IdentityKind {
  if (hasSecond || factor === 'SAML2_ASSERTION' || factor === 'SAML_ASSERTION') return 'human';
  return factor === 'RSA_KEYPAIR' || factor === 'PROGRAMMATIC_ACCESS_TOKEN' || factor === 'WORKLOAD_IDENTITY' ? 'service' : 'unknown';
}

export const snowflakeLogin = defineFormat({
  id,
  title: 'Snowflake login history',
  describe: 'Rows of LOGIN_HISTORY of Snowflake (documentation: LOGIN_HISTORY view) as JSON, columns in capital or small letters.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'IS_SUCCESS is the verdict.',
    'The token is FIRST_AUTHENTICATION_FACTOR_ID, the id in CREDENTIALS by which a programmatic access token is revoked; it needs the view of ACCOUNT_USAGE.',
    'Export: select object_construct_keep_null(*) from snowflake.account_usage.login_history where event_timestamp > :last. No bytes are told.',
    'One row OVERFLOW_FAILURE_EVENTS_ELIDED stands for many failures. The issuer is the source\'s only configured one, else "snowflake".',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
