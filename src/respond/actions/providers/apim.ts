import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent } from '../../../model/intent.ts';
import { asObject } from '../../../outbound/answer.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { jsonRequest, path, standingOf, switchedOn } from '../http.ts';
import { goneIsDone, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';

interface ApimSettings extends ProviderSettings {
  /** The service's resource, without a slash at the end. */
  readonly service: string;
  /** Its id in lower case, as events name it. */
  readonly resourceId: string;
}

const version = 'api-version=2024-05-01';

const family: Family<SectionOf<'apim'>, ApimSettings> = {
  type: 'apim',
  configure(section) {
    const { tenant_id: tenant, subscription_id: subscription, resource_group: group, service, client_id: id, client_secret_file: file, exposure } = section;
    const management = section.management_url.replace(/\/+$/, '');
    const endpoint = `${section.login_url.replace(/\/+$/, '')}${path`/${tenant}/oauth2/v2.0/token`}`;
    const resource = path`/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ApiManagement/service/${service}`;
    return {
      service: `${management}${resource}`, resourceId: decodeURIComponent(resource).toLowerCase(), identities: {}, exposureMs: durationMs(exposure) as number,
      authorizer: bearer(clientCredentials({ endpoint, id, secret: secretIn(file), method: 'client_secret_post', scope: `${management}/.default` })),
    };
  },
  urls: ({ service }) => [service],
};

function urlOf({ target }: Intent, { service }: ApimSettings): string {
  return `${service}${path`/subscriptions/${target.handle!}`}?${version}`;
}

function setState(state: 'suspended' | 'active') {
  return (intent: Intent, settings: ApimSettings): OutboundRequest =>
    jsonRequest('PATCH', urlOf(intent, settings), { properties: { state } }, { 'if-match': '*' });
}

const subscriptionCall: Call<ApimSettings> = {
  name: 'subscription',
  facts: {
    effect: 'Both keys of the subscription are refused. Bearer tokens are not touched.', delay: 'Not documented.', undo: 'The subscription is active again.',
    rights: 'A role on the service that may read and write its subscriptions.',
  },
  rights: {
    ask: () => [{
      right: 'Microsoft.ApiManagement/service/subscriptions/read',
      request: ({ service }) => jsonRequest('GET', `${service}/subscriptions/tokenward-asks-for-none?${version}`),
    }],
    unasked: 'Microsoft.ApiManagement/service/subscriptions/write',
  },
  fits: ({ issuer, tokenKind, handle }, _kind, { resourceId }) => {
    if (tokenKind !== 'api_key') return 'token_kind_not_supported';
    return issuer !== `azure.apim:${resourceId}` ? 'other_issuer' : handle === null ? 'no_public_id' : null;
  },
  request: setState('suspended'),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', urlOf(intent, settings)),
    classify: (answer) => standingOf(answer, ({ properties }) => switchedOn(asObject(properties)?.['state'], 'active', 'suspended')),
  },
  undo: { request: setState('active'), classify: plainVerdict },
};

export const apim = providerOf(family, subscriptionCall);
