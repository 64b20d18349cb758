import type { StoreSection } from '../../../config/rotation-schema.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest, Send } from '../../../outbound/client.ts';
import type { Verdict } from '../../port.ts';
import { secretIn } from '../auth/authorizer.ts';
import { awsSignature } from '../auth/aws-signature.ts';
import { httpVerdict, jsonRequest } from '../http.ts';
import { ask, nothing, type Part } from './part.ts';
import type { SecretStore, Value } from './store.ts';

/**
 * AWS Secrets Manager (API reference: GetSecretValue, PutSecretValue). The id of a version is the token that we wrote it with, so a repeated write is
 * the same version, and one of ours is known by it.
 */
export function secretsManager(section: StoreSection<'aws_secrets_manager'>): Part<SecretStore> {
  const { region, access_key_id: accessKeyId, secret_key_file: file, session_token_file: tokenFile } = section;
  const endpoint = (section.endpoint ?? `https://secretsmanager.${region}.amazonaws.com`).replace(/\/+$/, '');
  const credential = { accessKeyId, secret: secretIn(file), sessionToken: tokenFile === undefined ? null : secretIn(tokenFile) };
  return { urls: [endpoint], authorizer: awsSignature(credential, { region, service: 'secretsmanager' }), make: (send) => store(send, endpoint) };
}

function store(send: Send, endpoint: string): SecretStore {
  const call = (name: string, body: object): OutboundRequest =>
    jsonRequest('POST', `${endpoint}/`, body, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${name}` });
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
