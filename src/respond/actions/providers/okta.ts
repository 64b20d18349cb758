import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { fixedHeaders, secretIn } from '../auth/authorizer.ts';
import { jsonRequest, path, standingOf, switchedOn } from '../http.ts';
import { goneIsDone, isSubject, listed, parts, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { oktaToken } from '../own-name.ts';
import type { Rights } from '../rights.ts';

interface OktaSettings extends ProviderSettings { readonly issuer: string; readonly api: string }

const family: Family<SectionOf<'okta'>, OktaSettings> = {
  type: 'okta',
  configure({ org_url: orgUrl, issuer, api_token_file: file, identities, exposure }) {
    const org = orgUrl.replace(/\/+$/, '');
    return {
      issuer: issuer ?? org, api: `${org}/api/v1`, identities, exposureMs: durationMs(exposure) as number,
      authorizer: fixedHeaders({ authorization: `SSWS ${secretIn(file)}` }),
    };
  },
  urls: ({ api }) => [api],
  ownName: oktaToken,
};

/** A token of this kind and issuer that has a public id. */
function handled(tokenKind: Target['tokenKind']): Call<OktaSettings>['fits'] {
  return (target, _kind, { issuer }) => {
    if (target.tokenKind !== tokenKind) return 'token_kind_not_supported';
    return target.issuer !== issuer ? 'other_issuer' : target.handle === null ? 'no_public_id' : null;
  };
}
const ownIssuer: Call<OktaSettings>['fits'] = ({ issuer }, _kind, settings) => (issuer === settings.issuer ? null : 'other_issuer');

/** Reading what is there or not: who may manage may read, and nothing tells the rest. */
export function reads(right: string, place: string): Rights<Pick<OktaSettings, 'api'>> {
  return { ask: () => [{ right: `${right}.read`, request: ({ api }) => jsonRequest('GET', `${api}${place}`) }], unasked: `${right}.manage` };
}

const session: Call<OktaSettings> = {
  name: 'session',
  facts: {
    effect: 'The session at Okta ends. Sessions that applications began for themselves, and tokens, go on.', delay: 'Not documented.', undo: null,
    rights: 'okta.sessions.manage: an API token of an administrator who may end sessions.',
  },
  rights: reads('okta.sessions', '/sessions/tokenward-asks-for-nobody'),
  fits: handled('session'),
  request: ({ target }, { api }) => jsonRequest('DELETE', `${api}${path`/sessions/${target.handle!}`}`),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: ({ target }, { api }) => jsonRequest('GET', `${api}${path`/sessions/${target.handle!}`}`),
    classify: (answer) => standingOf(answer, ({ status }) => switchedOn(status, 'ACTIVE', 'INACTIVE')),
  },
  undo: null,
};

const userSessions: Call<OktaSettings> = {
  name: 'user_sessions',
  facts: {
    effect: 'All of the user\'s sessions at Okta end, with the OAuth tokens that came of them; sessions that applications began for themselves go on. '
      + 'A JWT that a service checks by itself is good until it expires.',
    delay: 'Not documented.', undo: null, rights: 'okta.users.manage: an API token of an administrator who may end sessions of this user.',
  },
  rights: reads('okta.users', '/users/tokenward-asks-for-nobody'),
  fits: (target, kind, settings) => ownIssuer(target, kind, settings) ?? (isSubject(target) ? null : 'no_public_id'),
  request: ({ target }, { api }) => jsonRequest('DELETE', `${api}${path`/users/${target.userId!}/sessions`}?oauthTokens=true&forgetDevices=true`),
  classify: goneIsDone,
  verify: null,
  undo: null,
};

/** What is switched by `lifecycle/activate` and `lifecycle/deactivate`. */
function lifecycle(place: (found: string) => string): Pick<Call<OktaSettings>, 'request' | 'classify' | 'verify' | 'undo' | 'fits' | 'isListed' | 'rights'> {
  const urlOf = ({ target }: Intent, settings: OktaSettings): string => `${settings.api}${place(listed(target, settings)!)}`;
  const call = (name: 'activate' | 'deactivate') => (intent: Intent, settings: OktaSettings): OutboundRequest =>
    jsonRequest('POST', `${urlOf(intent, settings)}/lifecycle/${name}`);
  return {
    isListed: true, rights: reads('okta.apps', '/apps/tokenward-asks-for-nobody'), fits: ownIssuer, request: call('deactivate'), classify: plainVerdict,
    verify: {
      isPossible: () => true,
      request: (intent, settings) => jsonRequest('GET', urlOf(intent, settings)),
      classify: (answer) => standingOf(answer, ({ status }) => switchedOn(status, 'ACTIVE', 'INACTIVE')),
    },
    undo: { request: call('activate'), classify: plainVerdict },
  };
}

const app: Call<OktaSettings> = {
  ...lifecycle((id) => path`/apps/${id}`),
  name: 'app',
  facts: {
    effect: 'The application gets no more tokens, and its assignments are taken away. What becomes of tokens already handed out is not documented.',
    delay: 'Not documented.', undo: 'The application is activated again; its assignments do not come back.', rights: 'okta.apps.manage.',
  },
};

const secret: Call<OktaSettings> = {
  ...lifecycle((found) => {
    const [appId, secretId] = parts(found, 2);
    return path`/apps/${appId!}/credentials/secrets/${secretId!}`;
  }),
  name: 'secret',
  facts: {
    effect: 'The application gets no more tokens by this secret; by its others it does. Okta refuses it for the only one. Tokens already handed out go on.',
    delay: 'Not documented.', undo: 'The secret is activated again.', rights: 'okta.apps.manage.',
  },
};

const apiToken: Call<OktaSettings> = {
  name: 'api_token',
  facts: {
    effect: 'The API token ends.', delay: 'Not documented.', undo: null, rights: 'okta.apiTokens.manage.',
  },
  rights: reads('okta.apiTokens', '/api-tokens/tokenward-asks-for-nobody'),
  fits: handled('api_key'),
  request: ({ target }, { api }) => jsonRequest('DELETE', `${api}${path`/api-tokens/${target.handle!}`}`),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: ({ target }, { api }) => jsonRequest('GET', `${api}${path`/api-tokens/${target.handle!}`}`),
    classify: (answer, { target }) => standingOf(answer, ({ id }) => (id === target.handle ? 'alive' : 'unknown')),
  },
  undo: null,
};

export const okta = {
  session: providerOf(family, session), user_sessions: providerOf(family, userSessions), app: providerOf(family, app), secret: providerOf(family, secret),
  api_token: providerOf(family, apiToken),
};
