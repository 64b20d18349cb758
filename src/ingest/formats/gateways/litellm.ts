import { firstOf, jsonIn, path, type Path } from '../../paths.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import { amount, count, httpStatus, instant, shortText, text, useOf } from '../../values.ts';
import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { accessEvent, describeClaims, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { isStatus, lineFields, requestLine, wordsOf, type LineValues } from '../line.ts';

const id = 'litellm';
const metadata = (name: string) => path('metadata', name);

/** A call as the logging callbacks get it (standard payload), or as a row of the spend logs has it. */
const fields = {
  start: path('startTime'), end: path('endTime'), id: firstOf(path('litellm_call_id'), path('id'), path('request_id')), call: path('call_type'),
  model: firstOf(path('model_group'), path('model')), spend: firstOf(path('response_cost'), path('spend')), status: path('status'),
  tokens: path('total_tokens'),
  keyHash: firstOf(metadata('user_api_key_hash'), path('api_key'), metadata('user_api_key')), keyAlias: metadata('user_api_key_alias'),
  user: firstOf(metadata('user_api_key_user_id'), path('user')), team: firstOf(metadata('user_api_key_team_id'), path('team_id')),
  organization: firstOf(metadata('user_api_key_org_id'), path('organization_id')), email: metadata('user_api_key_user_email'),
  endUser: path('end_user'), src: firstOf(path('requester_ip_address'), metadata('requester_ip_address')), route: metadata('user_api_key_request_route'),
  errorCode: firstOf(path('error_information', 'error_code'), path('metadata', 'error_information', 'error_code')),
  errorClass: firstOf(path('error_information', 'error_class'), path('metadata', 'error_information', 'error_class')),
  agent: firstOf(path('user_agent'), metadata('user_agent')),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  return values.call !== null && values.start !== null && values.tokens !== null && values.spend !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.start, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A LiteLLM record has no startTime.');
  const event = emptyEvent(id, timeMs);
  const address = parseAddress(text(values.src));
  const status = httpStatus(values.errorCode);
  event.endMs = instant(values.end, context.source.timezone);
  event.vantage = context.source.vantage ?? 'gateway';
  event.module = 'litellm';
  event.category = api;
  event.type = values.status === 'failure' ? failed : called;
  event.action = text(values.call);
  event.outcome = values.status === 'failure' ? 'failure' : 'success';
  event.status = status;
  event.code = event.outcome === 'failure' ? shortText(values.errorClass) ?? text(values.errorCode) : null;
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address?.port ?? null;
  event.userAgent = text(values.agent);
  event.requestId = text(values.id);
  event.urlPath = text(values.route);
  event.service = event.resourceId = text(values.model);
  event.resourceKind = event.resourceId === null ? null : 'model';
  event.modelTokens = count(values.tokens);
  event.cost = amount(values.spend);
  event.costCurrency = event.cost === null ? null : 'USD';
  event.organization = text(values.organization);
  describeKey(event, values, context);
  return event;
}
const api: readonly string[] = ['api'];
const called: readonly string[] = ['access'];
const failed: readonly string[] = ['error'];

/** Length of a SHA-256 in hex: a key stands here only as its digest; one that is logged otherwise is not taken over. */
const digestLength = 64;

/** The virtual key by its digest, under which the proxy also deletes it; its owner by user, team or alias, which outlive a key. */
function describeKey(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? id;
  const digest = text(values.keyHash);
  event.authenticated = event.status === 401 ? false : digest === null ? null : true;
  if (digest?.length === digestLength) {
    event.token = tokenId(context, issuer, 'sha256', digest);
    event.tokenHandle = digest;
    event.tokenIssuer = issuer;
    event.tokenKind = 'api_key';
    event.lifecycle = useOf('api_key', event.authenticated === false);
  }
  const user = text(values.user), team = text(values.team), alias = text(values.keyAlias);
  event.userId = user;
  event.userName = alias;
  event.userEmail = text(values.email);
  const owner = user !== null ? `user:${user}` : team !== null ? `team:${team}` : alias !== null ? `key:${alias}` : null;
  if (owner === null || event.authenticated === false) return;
  event.identityId = `litellm:${owner}`;
  event.identityKind = user === null ? 'client' : 'unknown';
  event.identityName = alias ?? user ?? team;
}

const textFields = lineFields(
  'src', 'method', 'path', 'status',
);

/** `INFO:     192.0.2.1:52782 - "POST /chat/completions HTTP/1.1" 401 Unauthorized`, the access line of the server inside. */
function accessLine(line: string): LineValues | null {
  if (!line.startsWith('INFO:')) return null;
  let from = 5;
  while (from < 16 && line.charCodeAt(from) === 32) from += 1;
  const words = wordsOf(line, from);
  if (words === null || words.length < 4 || words.length > 10 || words[1] !== '-' || !isStatus(words[3])) return null;
  const { method, path: target } = requestLine(words[2]!);
  return method === null ? null : { src: words[0]!, method, path: target, status: words[3]! };
}

function normalizeLine(values: Values<typeof textFields>, context: NormalizeContext): Normalized {
  if (context.envelopeTimeMs === null) return quarantine('no_time', 'An access line of LiteLLM has no time of its own.');
  const event = accessEvent(id, 'litellm', context.envelopeTimeMs, null, values, context);
  event.authenticated = verdictOf(event, {}, context);
  describeClaims(event, {}, context);
  return event;
}

/** The payload inside a record of the proxy's JSON log. */
function within(...keys: string[]): typeof fields {
  return Object.fromEntries(Object.entries(fields).map(([name, at]: [string, Path<Value>]) => [name, jsonIn(keys, at)])) as typeof fields;
}

export const litellm = defineFormat({
  id,
  title: 'LiteLLM proxy',
  describe: 'Calls of the LiteLLM proxy: standard logging payload of its callbacks, rows of its spend logs, and its access lines.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'The proxy logs a call with a key\'s digest only after it checked the key: that is the verdict; an error code 401 refuses it.',
    'No bytes are logged: what is counted instead are the model\'s tokens (total_tokens). Models stand as the resource; costs are in US dollars.',
    'The key is its SHA-256, as api_key of the spend logs: a gateway in front that logs token_sha256 under the same issuer names the same token.',
    'Access lines have neither key nor time; send the payload: litellm_settings: { callbacks: ["generic_api"] }, or success_callback: ["s3_v2"]',
    'with failure_callback alike. requester_ip_address needs general_settings: { use_x_forwarded_for: true } behind a proxy.',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'json', fields: within('standard_logging_object'), recognize, normalize }),
    shape({ kind: 'text', grammar: accessLine, whole: true, fields: textFields, recognize: (values) => values.status !== null, normalize: normalizeLine }),
  ],
});
