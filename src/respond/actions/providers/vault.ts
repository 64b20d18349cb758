import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import { renewedHeaders } from '../auth/authorizer.ts';
import { httpVerdict, jsonRequest, path } from '../http.ts';
import { listed, parts, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { vaultToken } from '../own-name.ts';
import { namesIn, saidRight, type Rights } from '../rights.ts';

interface VaultSettings extends ProviderSettings { readonly issuer: string; readonly api: string }

const family: Family<SectionOf<'vault'>, VaultSettings> = {
  type: 'vault',
  configure({ address, issuer, namespace, token_file: file, identities, exposure }) {
    const inNamespace = namespace === undefined ? {} : { 'x-vault-namespace': namespace };
    return {
      issuer, api: `${address.replace(/\/+$/, '')}/v1`, identities, exposureMs: durationMs(exposure) as number,
      authorizer: renewedHeaders(file, (token) => ({ 'x-vault-token': token, ...inNamespace })),
    };
  },
  urls: ({ api }) => [api],
  ownName: vaultToken,
};

const ownIssuer: Call<VaultSettings>['fits'] = ({ issuer }, _kind, settings) => (issuer === settings.issuer ? null : 'other_issuer');

/** Vault has no status of its own for what it does not know: its words tell it from what the asking token may not do. */
function lookedUp(answer: OutboundAnswer, unknownWords: string): Liveness {
  if (answer.kind !== 'answered') return 'unknown';
  if (answer.status === 200) return asObject(objectOf(answer)?.['data']) === null ? 'unknown' : 'alive';
  return says(answer, unknownWords) ? 'dead' : 'unknown';
}

function says(answer: OutboundAnswer, words: string): boolean {
  const { errors, data } = answer.kind === 'answered' ? objectOf(answer) ?? {} : {};
  return [...namesIn(errors), asObject(data)?.['error']].some((error) => typeof error === 'string' && error.includes(words));
}

/** Vault tells what a token may do at a path: every token may ask it of itself. */
export function capabilities<Settings extends Pick<VaultSettings, 'api'>>(
  paths: (settings: Settings) => readonly string[], ...wanted: readonly string[]
): Rights<Settings> {
  return {
    ask: (settings) => paths(settings).map((one) => ({
      right: `${wanted.join(' and ')} on ${one}`,
      request: ({ api }) => jsonRequest('POST', `${api}/sys/capabilities-self`, { paths: [one] }),
      // Who may not even ask this shows a token that has ended: the policy that every token has by default allows it.
      classify: (answer) => (answer.kind === 'answered' && answer.status === 403 ? 'refused' : saidRight(answer, () => {
        const has = namesIn(asObject(objectOf(answer)?.['data'])?.[one]);
        return has.includes('root') || wanted.every((capability) => has.includes(capability));
      })),
    })),
  };
}

const token: Call<VaultSettings> = {
  name: 'token',
  facts: {
    effect: 'The token ends, with its children and the leases of all of them.', delay: 'At once.', undo: null,
    rights: 'update on auth/token/revoke-accessor and auth/token/lookup-accessor.',
  },
  rights: capabilities(() => ['auth/token/revoke-accessor', 'auth/token/lookup-accessor'], 'update'),
  fits: (target, kind, settings) => {
    if (target.tokenKind !== 'vault') return 'token_kind_not_supported';
    return ownIssuer(target, kind, settings) ?? (/^[\w.-]{8,128}$/.test(target.handle ?? '') ? null : 'no_public_id');
  },
  request: ({ target }, { api }) => jsonRequest('POST', `${api}/auth/token/revoke-accessor`, { accessor: target.handle! }),
  // 204 did it; 200 with a warning says that there is no such accessor, 500 with these words that it is one of another namespace.
  classify: (answer) =>
    (says(answer, 'in different namespace') ? { kind: 'failed', reason: 'other_namespace' } : httpVerdict(answer, { 200: { kind: 'already' } })),
  verify: {
    isPossible: () => true,
    request: ({ target }, { api }) => jsonRequest('POST', `${api}/auth/token/lookup-accessor`, { accessor: target.handle! }),
    classify: (answer) => lookedUp(answer, 'invalid accessor'),
  },
  undo: null,
};

const leases: Call<VaultSettings> = {
  name: 'leases',
  isListed: true,
  facts: {
    effect: 'All leases under the prefix end, and so do the credentials made for them; for a prefix below auth/, the tokens of all logins there.',
    delay: 'At once: it is asked for in one go.', undo: null, rights: 'sudo and update on sys/leases/revoke-prefix/<prefix>.',
  },
  rights: capabilities(({ identities }) => Object.values(identities).map((prefix) => `sys/leases/revoke-prefix/${prefix}`), 'sudo', 'update'),
  fits: ownIssuer,
  request: ({ target }, settings) => {
    const prefix = listed(target, settings)!.split('/').map((part) => path`${part}`).join('/');
    return jsonRequest('POST', `${settings.api}/sys/leases/revoke-prefix/${prefix}`, { sync: true });
  },
  // 202: it is in a queue, though it was asked for at once.
  classify: (answer) => httpVerdict(answer, { 202: { kind: 'retry', reason: 'only_queued' } }),
  verify: null,
  undo: null,
};

const noSecretId = 'failed to find accessor entry';

const secretId: Call<VaultSettings> = {
  name: 'secret_id',
  isListed: true,
  facts: {
    effect: 'Nobody logs in with this secret id any more. Tokens of earlier logins go on: end them as well.', delay: 'At once.', undo: null,
    rights: 'update on auth/approle/role/<role>/secret-id-accessor/destroy and …/lookup.',
  },
  rights: capabilities(({ identities }) => {
    const roles = new Set(Object.values(identities).map((value) => parts(value, 2)[0]!));
    return [...roles].flatMap((role) => ['destroy', 'lookup'].map((last) => `auth/approle/role/${role}/secret-id-accessor/${last}`));
  }, 'update'),
  fits: ownIssuer,
  request: ({ target }, settings) => {
    const [role, accessor] = parts(listed(target, settings)!, 2);
    return jsonRequest('POST', `${settings.api}${path`/auth/approle/role/${role!}/secret-id-accessor/destroy`}`, { secret_id_accessor: accessor! });
  },
  // Vault and OpenBao answer 500 for what is destroyed already.
  classify: (answer) => (says(answer, noSecretId) ? { kind: 'already' } : plainVerdict(answer)),
  verify: {
    isPossible: () => true,
    request: ({ target }, settings) => {
      const [role, accessor] = parts(listed(target, settings)!, 2);
      return jsonRequest('POST', `${settings.api}${path`/auth/approle/role/${role!}/secret-id-accessor/lookup`}`, { secret_id_accessor: accessor! });
    },
    // 404 as well for a role that nobody knows, and for a mount that is not there: only the words tell.
    classify: (answer) => lookedUp(answer, noSecretId),
  },
  undo: null,
};

export const vault = { token: providerOf(family, token), leases: providerOf(family, leases), secret_id: providerOf(family, secretId) };
