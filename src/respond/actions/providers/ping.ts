import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent } from '../../../model/intent.ts';
import { fixedHeaders, passwordHeader, secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { claimsOf } from '../auth/jws.ts';
import { jsonRequest, path, standingOf } from '../http.ts';
import { goneIsDone, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { accessToken } from '../rights.ts';

interface PingOneSettings extends ProviderSettings { readonly issuer: string; readonly environment: string }

const pingOneFamily: Family<SectionOf<'ping_one'>, PingOneSettings> = {
  type: 'ping_one',
  configure({ environment_id: environmentId, issuer, api_url: apiUrl, auth_url: authUrl, client_id: id, client_secret_file: file, exposure }) {
    const server = `${authUrl.replace(/\/+$/, '')}${path`/${environmentId}/as`}`;
    return {
      issuer: issuer ?? server, environment: `${apiUrl.replace(/\/+$/, '')}${path`/environments/${environmentId}`}`, identities: {},
      exposureMs: durationMs(exposure) as number,
      authorizer: bearer(clientCredentials({ endpoint: `${server}/token`, id, secret: secretIn(file), method: 'client_secret_basic', scope: '' })),
    };
  },
  urls: ({ environment }) => [environment],
};

const session: Call<PingOneSettings> = {
  name: 'session',
  facts: {
    effect: 'The session at PingOne ends. What becomes of tokens that came of it is not documented; '
      + 'those that a client got in its own name cannot be revoked at all.',
    delay: 'Not documented.', undo: null, rights: 'A worker application with a role that may end sessions of the environment.',
  },
  rights: { ask: () => [accessToken], unasked: 'a role that may end sessions of the environment' },
  fits: ({ tokenKind, issuer, handle }, _kind, settings) => {
    if (tokenKind !== 'session') return 'token_kind_not_supported';
    return issuer !== settings.issuer ? 'other_issuer' : handle === null ? 'no_public_id' : null;
  },
  request: ({ target }, { environment }) => ({
    ...jsonRequest('POST', `${environment}${path`/sessions/${target.handle!}`}`),
    headers: { 'content-type': 'application/vnd.pingidentity.sso.session.logout', accept: 'application/json', 'user-agent': 'tokenward' },
  }),
  classify: goneIsDone,
  verify: null,
  undo: null,
};

export const pingOne = providerOf(pingOneFamily, session);

interface PingFederateSettings extends ProviderSettings { readonly issuer: string; readonly api: string }

const pingFederateFamily: Family<SectionOf<'ping_federate'>, PingFederateSettings> = {
  type: 'ping_federate',
  configure: ({ base_url: base, issuer, user_name: name, password_file: file, exposure }) => ({
    issuer, api: `${base.replace(/\/+$/, '')}/pf-ws/rest`, identities: {}, exposureMs: durationMs(exposure) as number,
    // Its interfaces refuse what a page of another site could send.
    authorizer: fixedHeaders({ authorization: passwordHeader(name, secretIn(file)), 'x-xsrf-header': 'tokenward' }),
  }),
  urls: ({ api }) => [api],
};

const sri: Call<PingFederateSettings> = {
  name: 'session',
  needsToken: true,
  facts: {
    effect: 'The session that the token names (pi.sri) is on the list of revoked ones. Who checks that list refuses it; '
      + 'a JWT that a service checks by itself is good until it expires.',
    delay: 'Not documented.', undo: null, rights: 'A client that may use the session revocation interface.',
  },
  fits: ({ tokenKind, issuer }, _kind, settings) => (tokenKind !== 'jwt' ? 'token_kind_not_supported' : issuer === settings.issuer ? null : 'other_issuer'),
  request: (_intent, { api }, { token }) => {
    const id = claimsOf(token)?.['pi.sri'];
    if (typeof id !== 'string' || id === '') throw new Error('the token names no session');
    return jsonRequest('POST', `${api}/sessionMgmt/revokedSris`, { id });
  },
  classify: goneIsDone,
  verify: null,
  undo: null,
};

/** Grants stand under the client that got them, or under the user. */
function grantUrl({ target }: Intent, { api }: PingFederateSettings): string {
  const { client, userId, handle } = target;
  return client === null ? `${api}${path`/oauth/users/${userId!}/grants/${handle!}`}` : `${api}${path`/oauth/clients/${client}/grants/${handle!}`}`;
}

const grant: Call<PingFederateSettings> = {
  name: 'grant',
  facts: {
    effect: 'The grant ends, with its refresh tokens. A JWT that a service checks by itself is good until it expires.', delay: 'Not documented.', undo: null,
    rights: 'An account of the password credential validator of the grant interface.',
  },
  rights: {
    ask: () => [{
      right: 'the grant interface',
      request: ({ api }) => jsonRequest('GET', `${api}/oauth/clients/tokenward-asks-for-nobody/grants/tokenward-asks-for-none`),
    }],
  },
  fits: ({ tokenKind, issuer, handle, client, userId }, _kind, settings) => {
    if (tokenKind !== 'session') return 'token_kind_not_supported';
    // What begins so is the id of a transaction, not of a grant.
    const isNamed = handle !== null && !handle.startsWith('tid:') && (client !== null || userId !== null);
    return issuer !== settings.issuer ? 'other_issuer' : isNamed ? null : 'no_public_id';
  },
  request: (intent, settings) => jsonRequest('DELETE', grantUrl(intent, settings)),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', grantUrl(intent, settings)),
    classify: (answer, { target }) => standingOf(answer, ({ id }) => (id === undefined || id === target.handle ? 'alive' : 'unknown')),
  },
  undo: null,
};

export const pingFederate = { session: providerOf(pingFederateFamily, sri), grant: providerOf(pingFederateFamily, grant) };
