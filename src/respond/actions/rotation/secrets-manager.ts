import type { StoreSection } from '../../../config/rotation-schema.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest, Send } from '../../../outbound/client.ts';
import type { Granted, Verdict } from '../../port.ts';
import { secretIn } from '../auth/authorizer.ts';
import { awsSignature } from '../auth/aws-signature.ts';
import { httpVerdict, jsonRequest } from '../http.ts';
import { plainRight, type Rights } from '../rights.ts';
import { ask, nothing, type Part } from './part.ts';
import type { SecretStore, Value } from './store.ts';

/** It does not know who asks. */
const refusedTypes = ['UnrecognizedClient', 'InvalidSignature', 'ExpiredToken', 'IncompleteSignature', 'MissingAuthenticationToken', 'InvalidClientTokenId'];

/**
 * AWS Secrets Manager (API reference: GetSecretValue, PutSecretValue). The id of a version is the token that we wrote it with, so a repeated write is
 * the same version, and one of ours is known by it.
 */
export function secretsManager(section: StoreSection<'aws_secrets_manager'>): Part<SecretStore> {
  const { region, access_key_id: accessKeyId, secret_key_file: file, session_token_file: tokenFile } = section;
  const endpoint = (section.endpoint ?? `https://secretsmanager.${region}.amazonaws.com`).replace(/\/+$/, '');
  const credential = { accessKeyId, secret: secretIn(file), sessionToken: tokenFile === undefined ? null : secretIn(tokenFile) };
  return {
    urls: [endpoint], authorizer: awsSignature(credential, { region, service: 'secretsmanager' }), make: (send) => store(send, endpoint),
    rights: rightsOn(Object.values(section.secrets), endpoint),
  };
}

function callAt(endpoint: string): (name: string, body: object) => OutboundRequest {
  return (name, body) =>
    jsonRequest('POST', `${endpoint}/`, body, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${name}` });
}

/** Of a version that there is not: whoever may not read is told that first, and nobody is shown a secret. */
function rightsOn(places: readonly string[], endpoint: string): Rights<null> {
  const call = callAt(endpoint);
  return {
    ask: () => places.map((where) => ({
      right: `secretsmanager:GetSecretValue on ${where}`,
      request: () => call('GetSecretValue', { SecretId: where, VersionId: 'tokenward-asks-for-no-version-at-all' }), classify: mayRead,
    })),
    unasked: `secretsmanager:PutSecretValue on ${places.join(', ')}, and the use of its key where that is one of your own`,
  };
}

function mayRead(answer: OutboundAnswer): Granted {
  const type = answer.kind === 'answered' && answer.status === 400 ? objectOf(answer)?.['__type'] : null;
  if (typeof type !== 'string') return plainRight(answer);
  if (type.includes('ResourceNotFound')) return 'granted';
  return type.includes('AccessDenied') ? 'missing' : refusedTypes.some((one) => type.includes(one)) ? 'refused' : 'unreachable';
}

function store(send: Send, endpoint: string): SecretStore {
  const call = callAt(endpoint);
  return {
    read: (where, signal, version) =>
      ask(send, call('GetSecretValue', { SecretId: where, ...(version === undefined ? {} : { VersionId: version }) }), signal, valueIn, verdictOf),
    write: (where, { content, mark }, signal) => {
      if (typeof content !== 'string') throw new Error('the value is a text');
      return ask(send, call('PutSecretValue', { SecretId: where, ClientRequestToken: mark, SecretString: content }), signal, nothing, verdictOf);
    },
  };
}

function valueIn(answer: OutboundAnswer): Value | null {
  const { SecretString: content, VersionId: version } = objectOf(answer) ?? {};
  return typeof content === 'string' && typeof version === 'string' ? { content, version, mark: version } : null;
}

/** It says by 400 and a type what others say by a status. */
function verdictOf(answer: OutboundAnswer): Verdict {
  const type = answer.kind === 'answered' && answer.status >= 400 ? objectOf(answer)?.['__type'] : null;
  if (typeof type !== 'string') return httpVerdict(answer);
  if (type.includes('Throttling')) return { kind: 'retry', reason: 'throttled' };
  return type.includes('ResourceNotFound') ? { kind: 'already' } : httpVerdict(answer);
}
