import type { StoreSection } from '../../../config/rotation-schema.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { jsonRequest, path } from '../http.ts';
import type { Rights } from '../rights.ts';
import { azureClient } from './azure-client.ts';
import { ask, nothing, type Part } from './part.ts';
import type { SecretStore, Value } from './store.ts';

const version = 'api-version=7.4';
const tag = 'tokenward';

/** Azure Key Vault (REST reference 7.4: Get Secret, Set Secret). Each write is a new version; its tag says that it is ours. */
export function keyVault(section: StoreSection<'azure_key_vault'>): Part<SecretStore> {
  const url = section.vault_url.replace(/\/+$/, '');
  return {
    urls: [url], authorizer: azureClient(section, 'https://vault.azure.net/.default'), make: (send) => store(send, url),
    rights: rightsOn(Object.values(section.secrets), url),
  };
}

/** Of a version that there is not: whoever may not read is told that first, and nobody is shown a secret. */
function rightsOn(places: readonly string[], url: string): Rights<null> {
  return {
    ask: () => places.map((where) => ({
      right: `get of the secret ${where}`, request: () => jsonRequest('GET', `${url}${path`/secrets/${where}`}/${'0'.repeat(32)}?${version}`),
    })),
    unasked: `set of the secret${places.length === 1 ? '' : 's'} ${places.join(', ')}`,
  };
}

function store(send: Send, url: string): SecretStore {
  return {
    read: (where, signal, former) =>
      ask(send, jsonRequest('GET', `${url}${path`/secrets/${where}`}${former === undefined ? '' : path`/${former}`}?${version}`), signal, valueIn),
    write: (where, { content, mark }, signal) => {
      if (typeof content !== 'string') throw new Error('the value is a text');
      return ask(send, jsonRequest('PUT', `${url}${path`/secrets/${where}`}?${version}`, { value: content, tags: { [tag]: mark } }), signal, nothing);
    },
  };
}

function valueIn(answer: OutboundAnswer): Value | null {
  const { value: content, id, tags } = objectOf(answer) ?? {};
  const found = typeof id === 'string' ? id.split('/').at(-1) : undefined;
  const mark = asObject(tags)?.[tag];
  return typeof content === 'string' && found !== undefined ? { content, version: found, mark: typeof mark === 'string' ? mark : null } : null;
}
