import { createHash } from 'node:crypto';
import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import { objectOf } from '../../../outbound/answer.ts';
import { fixedHeaders, secretIn } from '../auth/authorizer.ts';
import { httpVerdict, jsonRequest, path, standingOf } from '../http.ts';
import { goneIsDone, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import type { Rights } from '../rights.ts';

interface KongSettings extends ProviderSettings { readonly issuer: string; readonly admin: string }

const family: Family<SectionOf<'kong'>, KongSettings> = {
  type: 'kong',
  configure: ({ admin_url: admin, issuer, admin_token_file: file, exposure }) => ({
    issuer, admin: admin.replace(/\/+$/, ''), identities: {}, exposureMs: durationMs(exposure) as number,
    authorizer: fixedHeaders(file === undefined ? {} : { 'kong-admin-token': secretIn(file) }),
  }),
  urls: ({ admin }) => [admin],
};

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const delay = 'At the next request; at other nodes once they have asked for changes, 5 s unless that was changed.';

const nobody = '00000000-0000-4000-8000-000000000000';

function reads(place: string, unasked: string): Rights<KongSettings> {
  return { ask: () => [{ right: `GET on ${place.replace(nobody, '*')}`, request: ({ admin }) => jsonRequest('GET', `${admin}${place}`) }], unasked };
}

const keyAuth: Call<KongSettings> = {
  name: 'key_auth',
  facts: { effect: 'The key is deleted and refused.', delay, undo: null, rights: 'DELETE and GET on /key-auths of the Admin API.' },
  rights: reads(`/key-auths/${nobody}`, 'DELETE on /key-auths/*'),
  fits: ({ tokenKind, issuer, handle }, _kind, settings) => {
    if (tokenKind !== 'api_key') return 'token_kind_not_supported';
    return issuer !== settings.issuer ? 'other_issuer' : uuid.test(handle ?? '') ? null : 'no_public_id';
  },
  request: ({ target }, { admin }) => jsonRequest('DELETE', `${admin}${path`/key-auths/${target.handle!}`}`),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: ({ target }, { admin }) => jsonRequest('GET', `${admin}${path`/key-auths/${target.handle!}`}`),
    classify: (answer, { target }) => standingOf(answer, ({ id }) => (id === target.handle ? 'alive' : 'unknown')),
  },
  undo: null,
};

/** Of `kong:<id>`. */
function consumerOf({ identityId }: Target): string | null {
  const id = identityId?.startsWith('kong:') === true ? identityId.slice('kong:'.length) : '';
  return uuid.test(id) ? id : null;
}

/** Made of the intent: the undo finds it again, and a second attempt makes no second one. */
function pluginId({ id }: Intent): string {
  const hex = createHash('sha256').update(id).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function pluginUrl(intent: Intent, { admin }: KongSettings): string {
  return `${admin}${path`/consumers/${consumerOf(intent.target)!}/plugins/${pluginId(intent)}`}`;
}

const consumer: Call<KongSettings> = {
  name: 'consumer',
  facts: {
    effect: 'Every request of the consumer is answered with 401, whatever credential it shows.', delay, undo: 'The plugin that refuses is taken away.',
    rights: 'POST, GET and DELETE on /consumers/*/plugins of the Admin API.',
  },
  rights: reads(`/consumers/${nobody}/plugins`, 'POST and DELETE on /consumers/*/plugins'),
  fits: (target, _kind, { issuer }) => (target.issuer !== issuer ? 'other_issuer' : consumerOf(target) === null ? 'no_public_id' : null),
  request: (intent, { admin }) => jsonRequest('POST', `${admin}${path`/consumers/${consumerOf(intent.target)!}/plugins`}`, {
    id: pluginId(intent), name: 'request-termination', config: { status_code: 401, message: 'The credential was stopped.' },
  }),
  // There is one such plugin for a consumer: ours of an earlier attempt, or somebody else's.
  classify: (answer) => httpVerdict(answer, { 409: { kind: 'already' } }),
  verify: {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', pluginUrl(intent, settings)),
    classify: (answer) => {
      if (answer.kind !== 'answered') return 'unknown';
      if (answer.status === 404) return 'alive';
      const { name, enabled } = answer.status === 200 ? objectOf(answer) ?? {} : {};
      return name === 'request-termination' && enabled !== false ? 'dead' : 'unknown';
    },
  },
  undo: { request: (intent, settings) => jsonRequest('DELETE', pluginUrl(intent, settings)), classify: goneIsDone },
};

export const kong = { key_auth: providerOf(family, keyAuth), consumer: providerOf(family, consumer) };
