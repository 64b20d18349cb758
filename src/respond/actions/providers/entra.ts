import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { jsonRequest, path, standingOf, switchedOn } from '../http.ts';
import { isSubject, listed, plainVerdict, providerOf, type Call, type Family } from '../provider.ts';
import { applicationKey, applicationPassword, applicationTrust, graphRoles, writesApplications, type EntraSettings } from './entra-credential.ts';

const family: Family<SectionOf<'entra'>, EntraSettings> = {
  type: 'entra',
  configure({ tenant_id: tenant, issuer, graph_url: graphUrl, login_url: loginUrl, client_id: id, client_secret_file: file, identities, exposure }) {
    const graph = graphUrl.replace(/\/+$/, '');
    const endpoint = `${loginUrl.replace(/\/+$/, '')}${path`/${tenant}/oauth2/v2.0/token`}`;
    const scope = `${new URL(graph).origin}/.default`;
    return {
      issuer: issuer ?? `https://sts.windows.net/${tenant.toLowerCase()}/`, graph, identities, exposureMs: durationMs(exposure) as number,
      authorizer: bearer(clientCredentials({ endpoint, id, secret: secretIn(file), method: 'client_secret_post', scope })),
    };
  },
  urls: ({ graph }) => [graph],
};

const objectId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const untilExpiry = 'Tokens already handed out are good until they expire; Microsoft Graph refuses some of them earlier.';

/** Where the caller is known by the id of an object of the directory. */
function ownObject(target: Target, { issuer }: EntraSettings): string | null {
  if (target.issuer !== issuer) return 'other_issuer';
  return objectId.test(target.userId ?? '') && isSubject(target) ? null : 'no_public_id';
}

function switchPrincipal(accountEnabled: boolean) {
  return ({ target }: Intent, { graph }: EntraSettings): OutboundRequest =>
    jsonRequest('PATCH', `${graph}${path`/servicePrincipals/${target.userId!}`}`, { accountEnabled });
}

const servicePrincipal: Call<EntraSettings> = {
  name: 'service_principal',
  facts: {
    effect: `The service principal gets no more tokens in this tenant. ${untilExpiry}`,
    delay: 'New tokens: at once. Graph, for applications of one\'s own that take part in continuous access evaluation: near real time.',
    undo: 'It is enabled again; tokens that have not expired work as before.',
    rights: 'Application.ReadWrite.OwnedBy for own applications, else Application.ReadWrite.All.',
  },
  rights: writesApplications,
  fits: (target, _kind, settings) => ownObject(target, settings),
  request: switchPrincipal(false),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: ({ target }, { graph }) => jsonRequest('GET', `${graph}${path`/servicePrincipals/${target.userId!}`}?$select=accountEnabled`),
    classify: (answer) => standingOf(answer, ({ accountEnabled }) => switchedOn(accountEnabled, true, false)),
  },
  undo: { request: switchPrincipal(true), classify: plainVerdict },
};

function switchApplication(isDisabled: boolean) {
  return ({ target }: Intent, settings: EntraSettings): OutboundRequest =>
    jsonRequest('PATCH', `${settings.graph}${path`/applications/${listed(target, settings)!}`}`, { isDisabled });
}

const application: Call<EntraSettings> = {
  name: 'application',
  isListed: true,
  facts: {
    effect: `The application gets no more tokens in any tenant. ${untilExpiry}`,
    delay: 'New tokens: at once.', undo: 'It is enabled again; tokens that have not expired work as before.',
    rights: 'Application.ReadWrite.OwnedBy for own applications, else Application.ReadWrite.All.',
  },
  rights: writesApplications,
  fits: ({ issuer }, _kind, settings) => (issuer === settings.issuer ? null : 'other_issuer'),
  request: switchApplication(true),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: ({ target }, settings) => jsonRequest('GET', `${settings.graph}${path`/applications/${listed(target, settings)!}`}?$select=isDisabled`),
    // It may never have been set.
    classify: (answer) => standingOf(answer, ({ isDisabled }) => switchedOn(isDisabled ?? false, false, true)),
  },
  undo: { request: switchApplication(false), classify: plainVerdict },
};

const signInSessions: Call<EntraSettings> = {
  name: 'sign_in_sessions',
  facts: {
    effect: 'The user\'s refresh tokens and session cookies end. Access tokens are good until they expire. Sessions of guests at their home tenant go on.',
    delay: 'A few minutes.', undo: null, rights: 'User.ReadWrite.All or Directory.ReadWrite.All, as the pages of the API list them.',
  },
  rights: graphRoles('User.ReadWrite.All', 'Directory.ReadWrite.All'),
  fits: (target, _kind, settings) => ownObject(target, settings),
  request: ({ target }, { graph }) => jsonRequest('POST', `${graph}${path`/users/${target.userId!}/revokeSignInSessions`}`),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: ({ target }, { graph }) => jsonRequest('GET', `${graph}${path`/users/${target.userId!}`}?$select=signInSessionsValidFromDateTime`),
    classify: (answer, { decidedMs }) => standingOf(answer, ({ signInSessionsValidFromDateTime: from }) => {
      const validFromMs = typeof from === 'string' ? Date.parse(from) : Number.NaN;
      return Number.isNaN(validFromMs) ? 'unknown' : validFromMs >= decidedMs ? 'dead' : 'alive';
    }),
  },
  undo: null,
};

export const entra = {
  service_principal: providerOf(family, servicePrincipal), application: providerOf(family, application),
  password: providerOf(family, applicationPassword), key: providerOf(family, applicationKey),
  federated: providerOf(family, applicationTrust), sign_in_sessions: providerOf(family, signInSessions),
};
