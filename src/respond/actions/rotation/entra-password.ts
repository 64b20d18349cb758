import type { CredentialSection } from '../../../config/rotation-schema.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { jsonRequest, objectsIn, path } from '../http.ts';
import { writesApplications } from '../providers/entra-credential.ts';
import { rightsAt } from '../rights.ts';
import { azureClient } from './azure-client.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { ask, nothing, ok, type Part } from './part.ts';

const keyId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Client secrets of an application (Microsoft Graph v1.0: application addPassword, removePassword). Tokens got with the old one go on until they expire. */
export function entraPasswords(section: CredentialSection<'entra_password'>): Part<Credentials> {
  const graph = section.graph_url.replace(/\/+$/, '');
  const issuer = section.issuer ?? `https://sts.windows.net/${section.tenant_id.toLowerCase()}/`;
  return {
    urls: [graph], authorizer: azureClient(section, `${new URL(graph).origin}/.default`),
    rights: rightsAt(writesApplications, null),
    make: (send) => credentials(send, { graph, issuer, applications: section.identities }),
  };
}

interface Place { readonly graph: string; readonly issuer: string; readonly applications: Readonly<Record<string, string>> }

function credentials(send: Send, { graph, issuer, applications }: Place): Credentials {
  const url = (owner: string): string => `${graph}${path`/applications/${owner}`}`;
  const remove: Credentials['remove'] = async (owner, id, signal) => {
    const listed = await ask(send, jsonRequest('GET', `${url(owner)}?$select=passwordCredentials`), signal, listedIn);
    if (listed.kind !== 'ok') return listed;
    // To remove it twice is no documented success.
    if (!listed.value.some((one) => one.id === id.toLowerCase())) return { kind: 'gone' };
    return ask(send, jsonRequest('POST', `${url(owner)}/removePassword`, { keyId: id.toLowerCase() }), signal, nothing);
  };
  return {
    most: 100,
    facts: {
      effect: 'A second secret is made and written to the stores; once all users are seen on it the old one is removed. '
        + 'Tokens already handed out are good until they expire.',
      delay: 'As long as users take to fetch the new secret; after the cut none gets new tokens by the old.',
      rights: 'Application.ReadWrite.OwnedBy for own applications, else Application.ReadWrite.All',
    },
    fits: (target) => {
      if (target.issuer !== issuer) return 'other_issuer';
      if (target.tokenKind !== 'api_key') return 'token_kind_not_supported';
      if (target.identityId === null || !Object.hasOwn(applications, target.identityId)) return 'not_listed';
      return keyId.test(target.handle ?? '') ? null : 'no_public_id';
    },
    idOf: ({ handle }) => handle!.toLowerCase(),
    owner: ({ identityId }) => Promise.resolve(ok(applications[identityId!]!)),
    list: (owner, signal) => ask(send, jsonRequest('GET', `${url(owner)}?$select=passwordCredentials`), signal, listedIn),
    create: (owner, label, signal) =>
      ask(send, jsonRequest('POST', `${url(owner)}/addPassword`, { passwordCredential: { displayName: label } }), signal, madeIn),
    remove, stop: remove,
  };
}

function listedIn(answer: OutboundAnswer): readonly Listed[] | null {
  const credentials = objectOf(answer)?.['passwordCredentials'];
  if (!Array.isArray(credentials)) return null;
  return objectsIn(credentials).map(({ keyId: id, displayName }) => ({
    id: typeof id === 'string' ? id.toLowerCase() : '', isActive: true, createdMs: null, label: typeof displayName === 'string' ? displayName : '',
  }));
}

function madeIn(answer: OutboundAnswer): Made | null {
  const { keyId: id, secretText: secret } = objectOf(answer) ?? {};
  return typeof id === 'string' && keyId.test(id) && typeof secret === 'string' && secret !== '' ? { id: id.toLowerCase(), secret } : null;
}
