import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent } from '../../../model/intent.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import type { Found } from '../declaration.ts';
import { httpVerdict, jsonRequest, path, standingOf } from '../http.ts';
import { listed, parts, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { clientIn, clientsUrl, issuedOn, ordsRights, ordsUser, readsClients, searchFor, slots, type OrdsClient, type Slot } from './ords-client.ts';

interface OrdsSettings extends ProviderSettings { readonly clients: string }

const family: Family<SectionOf<'ords'>, OrdsSettings> = {
  type: 'ords',
  configure(section) {
    const { name, call, api_url: apiUrl, identities, exposure } = section;
    const entry = call === 'secret' ? /^[^/]+\/[12]$/ : /^[^/]+$/;
    if (!Object.values(identities).every((one) => entry.test(one))) {
      throw new Error(`"identities" of action ${name} must say ${call === 'secret' ? '<client_id>/1 or <client_id>/2' : 'the client_id'} of each`);
    }
    return { clients: clientsUrl(apiUrl), identities, exposureMs: durationMs(exposure) as number, authorizer: ordsUser(section) };
  },
  urls: ({ clients }) => [clients],
};

function entryOf({ target }: Intent, settings: OrdsSettings): { readonly clientId: string; readonly slot: Slot | undefined } {
  const entry = listed(target, settings)!;
  const [clientId, slot] = parts(entry, entry.includes('/') ? 2 : 1);
  return { clientId: clientId!, slot: slots.find((one) => one === slot) };
}

/** The number by which ORDS knows the client. `isGone`: it is there, and what is to end is not. */
function find(isGone: (client: OrdsClient, slot: Slot | undefined) => boolean): NonNullable<Call<OrdsSettings>['find']> {
  return {
    request: (intent, settings) => searchFor(settings.clients, entryOf(intent, settings).clientId),
    classify(answer, intent, settings): Found {
      const verdict = httpVerdict(answer);
      if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
      const { clientId, slot } = entryOf(intent, settings);
      const client = clientIn(answer, clientId);
      if (client === null) return { kind: 'failed', reason: 'list_not_readable' };
      return client === 'gone' || isGone(client, slot) ? { kind: 'gone' } : { kind: 'found', value: String(client['id']) };
    },
  };
}

/** The client by its number, which must be that of the one that is meant. */
function asked(
  search: NonNullable<Call<OrdsSettings>['find']>, judge: (client: OrdsClient, slot: Slot | undefined) => Liveness,
): NonNullable<Call<OrdsSettings>['verify']> {
  return {
    isPossible: () => true,
    find: search,
    request: (_intent, { clients }, { found }): OutboundRequest => jsonRequest('GET', `${clients}${path`${found}`}`),
    classify(answer, intent, settings) {
      const { clientId, slot } = entryOf(intent, settings);
      return standingOf(answer, (client) => (client['client_id'] === clientId ? judge(client, slot) : 'unknown'));
    },
  };
}

const rights = `${ordsRights}.`;

const findClient = find(() => false);
const client: Call<OrdsSettings> = {
  name: 'client',
  isListed: true,
  facts: {
    effect: 'The OAuth client is deleted and gets no more tokens. What becomes of tokens already handed out is not documented.', delay: 'Not documented.',
    undo: null, rights,
  },
  rights: readsClients('DELETE on ords/rest/clients/*'),
  fits: () => null,
  find: findClient,
  request: (_intent, { clients }, { found }) => jsonRequest('DELETE', `${clients}${path`${found}`}`),
  classify: (answer) => httpVerdict(answer, { 404: { kind: 'already' }, 409: { kind: 'failed', reason: 'not_permitted' } }),
  verify: asked(findClient, () => 'alive'),
  undo: null,
};

const findSecret = find((one, slot) => issuedOn(one, slot!) === null);
const secret: Call<OrdsSettings> = {
  name: 'secret',
  isListed: true,
  facts: {
    effect: 'The OAuth client gets no more tokens by this secret; by its other one it does. All of its sessions are deleted, those of the other secret too; '
      + 'what that does to tokens already handed out is not documented.',
    delay: 'Not documented.', undo: null, rights,
  },
  rights: readsClients('DELETE on ords/rest/clients/*/secret/*'),
  fits: () => null,
  find: findSecret,
  request: (intent, settings, { found }) =>
    jsonRequest('DELETE', `${settings.clients}${path`${found}/secret/${entryOf(intent, settings).slot!}`}?revoke_sessions=true`),
  // 404 is not documented: it may be a release that has no slots yet.
  classify: plainVerdict,
  verify: asked(findSecret, (one, slot) => {
    const date = issuedOn(one, slot!);
    return date === undefined ? 'unknown' : date === null ? 'dead' : 'alive';
  }),
  undo: null,
};

export const ords = { client: providerOf(family, client), secret: providerOf(family, secret) };
