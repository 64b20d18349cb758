import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent } from '../../../model/intent.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { jsonRequest, path } from '../http.ts';
import { goneIsDone, listed, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { accessToken } from '../rights.ts';

interface DomainSettings extends ProviderSettings { readonly admin: string }

const family: Family<SectionOf<'oci_domain'>, DomainSettings> = {
  type: 'oci_domain',
  configure({ domain_url: domainUrl, client_id: id, client_secret_file: file, scope, identities, exposure }) {
    const domain = domainUrl.replace(/\/+$/, '');
    const endpoint = `${domain}/oauth2/v1/token`;
    return {
      admin: `${domain}/admin/v1`, identities, exposureMs: durationMs(exposure) as number,
      authorizer: bearer(clientCredentials({ endpoint, id, secret: secretIn(file), method: 'client_secret_basic', scope })),
    };
  },
  urls: ({ admin }) => [admin],
};

/** Switches a credential of a user by its status, which no answer ever tells. */
function status(name: string, collection: string, what: string): Call<DomainSettings> {
  const patch = (value: 'ACTIVE' | 'INACTIVE') => ({ target }: Intent, settings: DomainSettings): OutboundRequest =>
    jsonRequest('PATCH', `${settings.admin}${path`/${collection}/${listed(target, settings)!}`}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'REPLACE', path: 'status', value }],
    }, { 'content-type': 'application/scim+json' });
  return {
    name,
    isListed: true,
    facts: {
      effect: `${what} stops. Access tokens that were got with it are good until they expire, a day unless that was changed.`, delay: 'Not documented.',
      undo: `${what} is active again.`, rights: 'An application of the domain with the role User Administrator.',
    },
    rights: { ask: () => [accessToken], unasked: 'the role User Administrator' },
    fits: () => null,
    request: patch('INACTIVE'),
    classify: goneIsDone,
    verify: null,
    undo: { request: patch('ACTIVE'), classify: plainVerdict },
  };
}

export const ociDomain = {
  auth_token: providerOf(family, status('auth_token', 'AuthTokens', 'The auth token')),
  oauth_client: providerOf(family, status('oauth_client', 'OAuth2ClientCredentials', 'The OAuth client credential')),
};
