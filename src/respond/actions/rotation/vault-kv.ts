import type { StoreSection } from '../../../config/rotation-schema.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { renewedHeaders } from '../auth/authorizer.ts';
import { httpVerdict, jsonRequest, path } from '../http.ts';
import { vaultToken } from '../own-name.ts';
import { capabilities } from '../providers/vault.ts';
import { rightsAt } from '../rights.ts';
import { ask, nothing, type Part } from './part.ts';
import type { SecretStore, Value } from './store.ts';

/**
 * KV version 2 of Vault or OpenBao (API documentation: "Read secret version", "Create/update secret" with `cas`, by which nothing is written over what
 * somebody else wrote meanwhile). A version has no room for a mark: one of ours is known by the member that holds the credential's id.
 */
export function vaultKv(section: StoreSection<'vault_kv'>): Part<SecretStore> {
  const { address, mount, namespace, token_file: file } = section;
  const base = address.replace(/\/+$/, '');
  const inNamespace = namespace === undefined ? {} : { 'x-vault-namespace': namespace };
  const places = Object.values(section.secrets).map((where) => `${mount}/data/${where}`);
  return {
    urls: [base], authorizer: renewedHeaders(file, (token) => ({ 'x-vault-token': token, ...inNamespace })),
    rights: rightsAt(capabilities(() => places, 'read', 'update'), { api: `${base}/v1` }),
    ...(section.account === undefined ? { ownName: vaultToken({ api: `${base}/v1`, issuer: section.issuer }) } : {}),
    make: (send) => store(send, `${base}/v1${path`/${mount}/data`}`),
  };
}

function store(send: Send, data: string): SecretStore {
  const url = (where: string): string => `${data}${where.split('/').map((part) => path`/${part}`).join('')}`;
  return {
    read: (where, signal, version) =>
      ask(send, jsonRequest('GET', `${url(where)}${version === undefined ? '' : `?version=${encodeURIComponent(version)}`}`), signal, valueIn),
    write: (where, { content, over }, signal) =>
      ask(send, jsonRequest('POST', url(where), { options: { cas: Number(over.version) }, data: content }), signal, nothing, writeVerdict),
  };
}

/** 400 is how it says that somebody else wrote meanwhile: what is there is read anew. */
function writeVerdict(answer: OutboundAnswer): ReturnType<typeof httpVerdict> {
  return httpVerdict(answer, { 400: { kind: 'retry', reason: 'written_meanwhile' } });
}

function valueIn(answer: OutboundAnswer): Value | null {
  const outer = asObject(objectOf(answer)?.['data']);
  const [content, version] = [asObject(outer?.['data']), asObject(outer?.['metadata'])?.['version']];
  return content !== null && typeof version === 'number' ? { content, version: String(version), mark: null } : null;
}
