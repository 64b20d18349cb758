import { createHash } from 'node:crypto';
import type { Intent } from '../../../model/intent.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { httpVerdict, jsonRequest, path, standingOf, switchedOn } from '../http.ts';
import { listed, plainVerdict, providerOf, type Call } from '../provider.ts';
import { awsAccessKey } from './aws-key.ts';
import { awsRole } from './aws-role.ts';
import { awsUserKeys } from './aws-user.ts';
import { nobody } from './aws-query.ts';
import { aws, type AwsSettings } from './aws.ts';

function enable(value: 'true' | 'false') {
  return ({ target }: Intent, { endpoint }: AwsSettings): OutboundRequest =>
    jsonRequest('PATCH', `${endpoint}${path`/apikeys/${target.handle!}`}`, { patchOperations: [{ op: 'replace', path: '/enabled', value }] });
}

const apiGatewayKey: Call<AwsSettings> = {
  name: 'api_gateway_key',
  facts: {
    effect: 'Methods that require an API key refuse this one. What an authorizer lets through without it goes on.',
    delay: 'Not documented.', undo: 'The key is enabled again.',
    rights: 'apigateway:PATCH and apigateway:GET on /apikeys/*.',
  },
  rights: {
    ask: () => [{ right: 'apigateway:GET on /apikeys/*', request: ({ endpoint }) => jsonRequest('GET', `${endpoint}/apikeys/${nobody}`) }],
    unasked: 'apigateway:PATCH on /apikeys/*',
  },
  fits: ({ issuer, tokenKind, handle }) => (issuer !== 'aws' || tokenKind !== 'api_key' ? 'token_kind_not_supported' : handle === null ? 'no_public_id' : null),
  request: enable('false'),
  classify: (answer) => httpVerdict(answer, { 404: { kind: 'already' } }),
  verify: {
    isPossible: () => true,
    request: ({ target }, { endpoint }) => jsonRequest('GET', `${endpoint}${path`/apikeys/${target.handle!}`}`),
    classify: (answer) => standingOf(answer, ({ enabled }) => switchedOn(enabled, true, false)),
  },
  undo: { request: enable('true'), classify: plainVerdict },
};

const secretRotation: Call<AwsSettings> = {
  name: 'secret_rotation',
  isListed: true,
  facts: {
    effect: 'The secret\'s rotation function is started. What becomes of the old value, and of tokens made with it, is up to that function.',
    delay: 'As long as the function takes.', undo: null,
    rights: 'secretsmanager:RotateSecret on the secret, and lambda:InvokeFunction on its function.',
  },
  fits: () => null,
  request: (intent, settings) => {
    const body = { SecretId: listed(intent.target, settings)!, ClientRequestToken: versionOf(intent) };
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.RotateSecret' };
    return jsonRequest('POST', `${settings.endpoint}/`, body, headers);
  },
  classify: (answer) => {
    const type = answer.kind === 'answered' && answer.status >= 400 ? objectOf(answer)?.['__type'] : null;
    return typeof type === 'string' && type.includes('Throttling') ? { kind: 'retry', reason: 'throttled' } : httpVerdict(answer);
  },
  verify: null,
  undo: null,
};

/** Names the new version: however often the call is repeated, there is one. */
function versionOf({ id }: Intent): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

export const awsCalls = {
  access_key: awsAccessKey, user_keys: awsUserKeys, ...awsRole, api_gateway_key: providerOf(aws, apiGatewayKey),
  secret_rotation: providerOf(aws, secretRotation),
};
