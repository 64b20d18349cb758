import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import { asObject, jsonOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import { readRsaKey } from '../auth/jws.ts';
import { ociSignature } from '../auth/oci-signature.ts';
import { httpVerdict, jsonRequest, objectsIn, path, standingOf, switchedOn } from '../http.ts';
import { plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import type { Rights } from '../rights.ts';

interface OciSettings extends ProviderSettings {
  readonly api: string;
  /** Our own user. */
  readonly user: string;
}

const family: Family<SectionOf<'oci'>, OciSettings> = {
  type: 'oci',
  configure({ region, tenancy_id: tenancyId, user_id: userId, key_fingerprint: fingerprint, key_file: file, endpoint, exposure }) {
    const host = (endpoint ?? `https://identity.${region}.oci.oraclecloud.com`).replace(/\/+$/, '');
    return {
      api: `${host}/20160918`, user: userId, identities: {}, exposureMs: durationMs(exposure) as number,
      authorizer: ociSignature({ tenancyId, userId, fingerprint, key: readRsaKey(file) }),
    };
  },
  urls: ({ api }) => [api],
};

/** Everybody may look at himself: that proves our key, and nothing of what it may do to others. */
function ownKey(unasked: string): Rights<OciSettings> {
  return { ask: () => [{ right: 'our own key', request: ({ api, user }) => jsonRequest('GET', `${api}${path`/users/${user}`}`) }], unasked };
}

/** A credential of a user: where it stands, and what it is called there. */
interface Place { readonly user: string; readonly id: string }

const userId = /^ocid1\.user\.[\w.-]{1,200}$/;

/** The user of `oci|<user>`. */
function userOf({ issuer, identityId }: Target): string | null {
  const user = issuer === 'oci' && identityId?.startsWith('oci|') === true ? identityId.slice('oci|'.length) : '';
  return userId.test(user) ? user : null;
}

/** Of `<user>/<fingerprint>`. */
function keyPlace({ issuer, tokenKind, handle }: Target): Place | null {
  const [user = '', id = '', ...rest] = handle?.split('/') ?? [];
  const isKey = issuer === 'oci' && tokenKind === 'api_key' && rest.length === 0 && userId.test(user) && /^[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}$/i.test(id);
  return isKey ? { user, id } : null;
}

function credentialPlace(target: Target): Place | null {
  const { tokenKind, handle } = target;
  const user = userOf(target);
  return user !== null && tokenKind === 'opaque' && /^ocid1\.[\w.-]{1,200}$/.test(handle ?? '') ? { user, id: handle! } : null;
}

interface Collection {
  readonly name: string;
  /** Last part of the path. */
  readonly collection: string;
  /** What an entry of the list calls itself by. */
  readonly idMember: 'id' | 'fingerprint';
  readonly what: string;
  readonly place: (target: Target) => Place | null;
}

/**
 * Deletes a credential. The service gives one answer for what is not there and what one may not touch, so the list is asked first: only
 * that tells whether it is gone already.
 */
function deletion({ name, collection, idMember, what, place }: Collection): Call<OciSettings> {
  const list = ({ target }: Intent, { api }: OciSettings): OutboundRequest => jsonRequest('GET', `${api}${path`/users/${place(target)!.user}/${collection}`}`);
  const listedIn = (answer: OutboundAnswer, { target }: Intent): Liveness => {
    const entries = answer.kind === 'answered' && answer.status === 200 ? jsonOf(answer) : null;
    if (!Array.isArray(entries)) return 'unknown';
    const entry = objectsIn(entries).find((one) => one[idMember] === place(target)!.id);
    return entry === undefined || entry['lifecycleState'] === 'DELETED' ? 'dead' : 'alive';
  };
  return {
    name,
    facts: {
      effect: `${what} stops. OAuth tokens that were got by other means go on.`, delay: 'Not documented.', undo: null,
      rights: `A policy that lets our user manage ${collection} of users, or the user be our own.`,
    },
    rights: ownKey(`to manage ${collection} of users`),
    fits: (target) => (target.issuer !== 'oci' ? 'other_issuer' : place(target) === null ? 'no_public_id' : null),
    find: {
      request: list,
      classify: (answer, intent) => {
        const verdict = httpVerdict(answer);
        if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
        const liveness = listedIn(answer, intent);
        return liveness === 'dead' ? { kind: 'gone' } : liveness === 'alive' ? { kind: 'found', value: '' } : { kind: 'failed', reason: 'list_not_readable' };
      },
    },
    request: ({ target }, { api }) => jsonRequest('DELETE', `${api}${path`/users/${place(target)!.user}/${collection}/${place(target)!.id}`}`),
    classify: plainVerdict,
    verify: { isPossible: () => true, request: list, classify: listedIn },
    undo: null,
  };
}

const calls = [
  { name: 'api_key', collection: 'apiKeys', idMember: 'fingerprint', what: 'The key', place: keyPlace },
  { name: 'auth_token', collection: 'authTokens', idMember: 'id', what: 'The auth token', place: credentialPlace },
  { name: 'customer_secret_key', collection: 'customerSecretKeys', idMember: 'id', what: 'The customer secret key', place: credentialPlace },
  { name: 'oauth_client', collection: 'oauth2ClientCredentials', idMember: 'id', what: 'The OAuth client credential', place: credentialPlace },
] as const satisfies readonly Collection[];
const [apiKey, authToken, customerSecretKey, oauthClient] = calls;

function capability(canUseApiKeys: boolean) {
  return ({ target }: Intent, { api }: OciSettings): OutboundRequest =>
    jsonRequest('PUT', `${api}${path`/users/${keyPlace(target)!.user}/capabilities`}`, { canUseApiKeys });
}

const userApiKeys: Call<OciSettings> = {
  name: 'user_api_keys',
  facts: {
    effect: 'All API keys of the user stop.', delay: 'Not documented.', undo: 'The user may use API keys again: all that there are, the stolen one too.',
    rights: 'A policy that lets our user manage users.',
  },
  rights: ownKey('to manage users'),
  fits: (target) => (target.issuer !== 'oci' ? 'other_issuer' : keyPlace(target) === null ? 'no_public_id' : null),
  request: capability(false),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: ({ target }, { api }) => jsonRequest('GET', `${api}${path`/users/${keyPlace(target)!.user}`}`),
    classify: (answer) => {
      // Also what one may not see is "not found".
      if (answer.kind === 'answered' && answer.status === 404) return 'unknown';
      return standingOf(answer, ({ capabilities }) => switchedOn(asObject(capabilities)?.['canUseApiKeys'], true, false));
    },
  },
  undo: { request: capability(true), classify: plainVerdict },
};

export const oci = {
  api_key: providerOf(family, deletion(apiKey)), auth_token: providerOf(family, deletion(authToken)),
  customer_secret_key: providerOf(family, deletion(customerSecretKey)), oauth_client: providerOf(family, deletion(oauthClient)),
  user_api_keys: providerOf(family, userApiKeys),
};
