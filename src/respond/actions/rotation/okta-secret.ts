import type { CredentialSection } from '../../../config/rotation-schema.ts';
import { jsonOf, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { fixedHeaders, secretIn } from '../auth/authorizer.ts';
import { jsonRequest, objectsIn, path } from '../http.ts';
import { oktaToken } from '../own-name.ts';
import { listed, parts } from '../provider.ts';
import { reads } from '../providers/okta.ts';
import { rightsAt } from '../rights.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { ask, failureOf, nothing, ok, type Part } from './part.ts';

/** Client secrets of an app (Okta's management API and its guide "Client secret rotation"): two at most, and only an inactive one is deleted. */
export function oktaSecrets(section: CredentialSection<'okta_secret'>): Part<Credentials> {
  const org = section.org_url.replace(/\/+$/, '');
  return {
    urls: [org], authorizer: fixedHeaders({ authorization: `SSWS ${secretIn(section.api_token_file)}` }),
    rights: rightsAt(reads('okta.apps', '/apps/tokenward-asks-for-nobody'), { api: `${org}/api/v1` }),
    ...(section.account === undefined ? { ownName: oktaToken({ api: `${org}/api/v1`, issuer: section.issuer ?? org }) } : {}),
    make: (send) => credentials(send, `${org}/api/v1`, section.issuer ?? org, section.identities),
  };
}

function credentials(send: Send, api: string, issuer: string, identities: Readonly<Record<string, string>>): Credentials {
  const url = (owner: string): string => `${api}${path`/apps/${owner}`}/credentials/secrets`;
  const of = (owner: string, id: string): string => `${url(owner)}${path`/${id}`}`;
  const listedOf = (identityId: string | null): readonly string[] => parts(identities[identityId ?? ''] ?? '', 2);
  const stop: Credentials['stop'] = (owner, id, signal) => ask(send, jsonRequest('POST', `${of(owner, id)}/lifecycle/deactivate`), signal, nothing);
  return {
    most: 2,
    facts: {
      effect: 'A second secret is made and written to the stores; then the old one is made inactive. No log tells which secret was shown, so a person always '
        + 'says when. Tokens already handed out go on.',
      delay: 'As long as users take to fetch the new secret.', rights: 'okta.apps.manage',
    },
    fits: (target) => (target.issuer !== issuer ? 'other_issuer' : listed(target, { identities }) === null ? 'not_listed' : null),
    idOf: ({ identityId }) => listedOf(identityId)[1]!,
    owner: ({ identityId }) => Promise.resolve(ok(listedOf(identityId)[0]!)),
    list: (owner, signal) => ask(send, jsonRequest('GET', url(owner)), signal, listedIn),
    create: (owner, _label, signal) => ask(send, jsonRequest('POST', url(owner), {}), signal, madeIn),
    async remove(owner, id, signal) {
      const found = await ask(send, jsonRequest('GET', of(owner, id)), signal, (answer) => objectOf(answer));
      if (found.kind !== 'ok') return found;
      if (found.value['status'] === 'ACTIVE') {
        const stopped = await stop(owner, id, signal);
        if (stopped.kind !== 'ok') return failureOf(stopped);
      }
      return ask(send, jsonRequest('DELETE', of(owner, id)), signal, nothing);
    },
    stop,
  };
}

function listedIn(answer: OutboundAnswer): readonly Listed[] | null {
  const secrets = jsonOf(answer);
  if (!Array.isArray(secrets)) return null;
  return objectsIn(secrets).map(({ id, status, created }) => {
    const createdMs = typeof created === 'string' ? Date.parse(created) : Number.NaN;
    return { id: typeof id === 'string' ? id : '', isActive: status === 'ACTIVE', createdMs: Number.isNaN(createdMs) ? null : createdMs, label: null };
  });
}

function madeIn(answer: OutboundAnswer): Made | null {
  const { id, client_secret: secret } = objectOf(answer) ?? {};
  return typeof id === 'string' && /^[\w-]{1,128}$/.test(id) && typeof secret === 'string' && secret !== '' ? { id, secret } : null;
}
