import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent } from '../../../model/intent.ts';
import { asObject, jsonOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import { basicHeader, secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { claimsOf } from '../auth/jws.ts';
import type { Found } from '../declaration.ts';
import { formRequest, httpVerdict, jsonRequest, livenessOf, objectsIn, path, switchedOn } from '../http.ts';
import { goneIsDone, isSubject, listed, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { claimed, namesIn, type Rights } from '../rights.ts';

interface KeycloakSettings extends ProviderSettings {
  readonly issuer: string;
  /** `<base_url>/admin/realms/<realm>`. */
  readonly admin: string;
  readonly realmUrl: string;
  /** Client whose roles rights in the realm are: the realm's own, or one in the realm where our client stands. */
  readonly roleClient: string;
  readonly client: { readonly id: string; readonly secret: string };
}

export function roleClientOf({ realm, login_realm: loginRealm }: { readonly realm: string; readonly login_realm?: string | undefined }): string {
  return loginRealm === undefined || loginRealm === realm ? 'realm-management' : `${realm}-realm`;
}

const family: Family<SectionOf<'keycloak'>, KeycloakSettings> = {
  type: 'keycloak',
  configure({ base_url: base, realm, login_realm: loginRealm, issuer, client_id: id, client_secret_file: file, identities, exposure }) {
    const client = { id, secret: secretIn(file) };
    const root = base.replace(/\/+$/, '');
    const endpoint = `${root}${path`/realms/${loginRealm ?? realm}/protocol/openid-connect/token`}`;
    const realmUrl = `${root}${path`/realms/${realm}`}`;
    return {
      roleClient: roleClientOf({ realm, login_realm: loginRealm }),
      issuer: issuer ?? realmUrl, admin: `${root}${path`/admin/realms/${realm}`}`, realmUrl, client, identities, exposureMs: durationMs(exposure) as number,
      authorizer: bearer(clientCredentials({ ...client, endpoint, method: 'client_secret_basic', scope: '' })),
    };
  },
  urls: ({ admin }) => [admin],
};

const ownIssuer: Call<KeycloakSettings>['fits'] = ({ issuer }, _kind, settings) => (issuer === settings.issuer ? null : 'other_issuer');

/** A role of ours, as the token says that we are given. */
function realmRole(role: string): Rights<Pick<KeycloakSettings, 'roleClient'>> {
  const roles = (claims: Readonly<Record<string, unknown>>, client: string): readonly unknown[] =>
    namesIn(asObject(asObject(claims['resource_access'])?.[client])?.['roles']);
  return { ask: ({ roleClient }) => [{ right: `${roleClient}: ${role}`, inToken: claimed((claims) => roles(claims, roleClient).includes(role)) }] };
}
const managesUsers = realmRole('manage-users');
export const managesClients = realmRole('manage-clients');

const offline = 'A JWT that a service checks by itself is good until it expires.';

const session: Call<KeycloakSettings> = {
  name: 'session',
  needsToken: true,
  facts: {
    effect: `The token's session ends, with its access and refresh tokens; those of other sessions go on. ${offline}`,
    delay: 'At once at Keycloak.', undo: null,
    rights: 'realm-management: manage-users. Our client must be in the audience of the tokens, or introspection calls all of them inactive.',
  },
  rights: managesUsers,
  fits: (target, kind, settings) => {
    if (target.tokenKind !== 'jwt' && target.tokenKind !== 'refresh') return 'token_kind_not_supported';
    return ownIssuer(target, kind, settings);
  },
  request: (_intent, { admin }, { token }) => {
    const sid = claimsOf(token)?.['sid'];
    if (typeof sid !== 'string') throw new Error('the token names no session');
    return jsonRequest('DELETE', `${admin}${path`/sessions/${sid}`}?isOffline=false`);
  },
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: (_intent, { realmUrl, client }, { token }) => {
      const authorization = basicHeader(client.id, client.secret);
      return formRequest(`${realmUrl}/protocol/openid-connect/token/introspect`, { token: token ?? '' }, { authorization });
    },
    classify: livenessOf,
  },
  undo: null,
};

const userLogout: Call<KeycloakSettings> = {
  name: 'user_logout',
  facts: {
    effect: `All sessions of the user or service account end, with their access and refresh tokens. ${offline}`,
    delay: 'At once at Keycloak.', undo: null, rights: 'realm-management: manage-users.',
  },
  rights: managesUsers,
  fits: (target, kind, settings) => ownIssuer(target, kind, settings) ?? (isSubject(target) ? null : 'no_public_id'),
  request: ({ target }, { admin }) => jsonRequest('POST', `${admin}${path`/users/${target.userId!}/logout`}`),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: ({ target }, { admin }) => jsonRequest('GET', `${admin}${path`/users/${target.userId!}/sessions`}`),
    classify: (answer, { sentMs }) => {
      const sessions = answer.kind === 'answered' && answer.status === 200 ? jsonOf(answer) : null;
      if (!Array.isArray(sessions)) return 'unknown';
      // Who logged in since is somebody else's business.
      return objectsIn(sessions).some(({ start }) => typeof start !== 'number' || start <= (sentMs ?? Infinity)) ? 'alive' : 'dead';
    },
  },
  undo: null,
};

type Representation = Readonly<Record<string, unknown>>;

/** The client as it is: Keycloak takes back a whole one. */
const findClient = {
  request: ({ target }: Intent, settings: KeycloakSettings): OutboundRequest =>
    jsonRequest('GET', `${settings.admin}/clients?clientId=${encodeURIComponent(listed(target, settings)!)}`),
  classify(answer: OutboundAnswer): Found {
    const verdict = httpVerdict(answer);
    if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
    const clients = objectsIn(jsonOf(answer));
    return clients.length === 1 ? { kind: 'found', value: JSON.stringify(clients[0]) } : { kind: 'failed', reason: 'no_such_client' };
  },
};

/** Sends the client back with a change. */
function changed(found: string, { admin }: KeycloakSettings, change: (client: Representation) => Representation): OutboundRequest {
  const client = JSON.parse(found) as Representation;
  if (typeof client['id'] !== 'string') throw new Error('the client has no id');
  return jsonRequest('PUT', `${admin}${path`/clients/${client['id']}`}`, { ...client, ...change(client) });
}

function clientIn(answer: OutboundAnswer): Representation {
  const clients = answer.kind === 'answered' && answer.status === 200 ? objectsIn(jsonOf(answer)) : [];
  return clients.length === 1 ? clients[0]! : {};
}

const clientNotBefore: Call<KeycloakSettings> = {
  name: 'client_not_before',
  isListed: true,
  facts: {
    effect: `All tokens that the client got before now are dead at Keycloak; it gets new ones. ${offline}`,
    delay: 'At once at Keycloak, to the second.', undo: null, rights: 'realm-management: manage-clients.',
  },
  rights: managesClients,
  fits: ownIssuer,
  find: findClient,
  request: ({ sentMs }, settings, { found, nowMs }) => changed(found, settings, ({ notBefore }) =>
    ({ notBefore: Math.max(secondsOf(sentMs ?? nowMs), typeof notBefore === 'number' ? notBefore : 0) })),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: findClient.request,
    classify: (answer, { decidedMs }) => {
      const { notBefore } = clientIn(answer);
      return typeof notBefore !== 'number' ? 'unknown' : notBefore >= secondsOf(decidedMs) ? 'dead' : 'alive';
    },
  },
  undo: null,
};

function secondsOf(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}

const clientDisable: Call<KeycloakSettings> = {
  name: 'client_disable',
  isListed: true,
  facts: {
    effect: `All tokens of the client are dead at Keycloak, and it gets no new ones. ${offline}`,
    delay: 'At once at Keycloak.',
    undo: 'The client is enabled again. Tokens that are not expired live again, the stolen one too: end its session first.',
    rights: 'realm-management: manage-clients.',
  },
  rights: managesClients,
  fits: ownIssuer,
  find: findClient,
  request: (_intent, settings, { found }) => changed(found, settings, () => ({ enabled: false })),
  classify: plainVerdict,
  verify: { isPossible: () => true, request: findClient.request, classify: (answer) => switchedOn(clientIn(answer)['enabled'], true, false) },
  undo: { find: findClient, request: (_intent, settings, { found }) => changed(found, settings, () => ({ enabled: true })), classify: plainVerdict },
};

export const keycloak = {
  session: providerOf(family, session), user_logout: providerOf(family, userLogout),
  client_not_before: providerOf(family, clientNotBefore), client_disable: providerOf(family, clientDisable),
};
