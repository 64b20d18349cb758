import type { Intent, Target } from '../../../model/intent.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Found } from '../declaration.ts';
import { httpVerdict, jsonRequest, objectsIn, path, standingOf } from '../http.ts';
import { goneIsDone, listed, parts, plainVerdict, type Call, type ProviderSettings } from '../provider.ts';
import { claimed, namesIn, type Rights } from '../rights.ts';

/** Of one tenant. */
export interface EntraSettings extends ProviderSettings {
  readonly issuer: string;
  /** Of Graph v1.0, without a slash at the end. */
  readonly graph: string;
}

/** One of these permissions of an application. */
export function graphRoles(...roles: readonly string[]): Rights<unknown> {
  return { ask: () => [{ right: roles.join(' or '), inToken: claimed((claims) => namesIn(claims['roles']).some((role) => roles.includes(String(role)))) }] };
}

export const writesApplications = graphRoles('Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All');

const keyId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The credential that was shown, by its key id; the application that has it is listed. */
function fitsKind(tokenKind: Target['tokenKind']): Call<EntraSettings>['fits'] {
  return (target, _kind, { issuer }) => {
    if (target.issuer !== issuer) return 'other_issuer';
    if (target.tokenKind !== tokenKind) return 'token_kind_not_supported';
    return keyId.test(target.handle ?? '') ? null : 'no_public_id';
  };
}

function applicationUrl({ target }: Intent, settings: EntraSettings): string {
  return `${settings.graph}${path`/applications/${listed(target, settings)!}`}`;
}

function hasKey(credentials: unknown, { target }: Intent): boolean {
  return objectsIn(credentials).some((one) => isKey(one, target));
}

function isKey({ keyId: id }: Readonly<Record<string, unknown>>, { handle }: Target): boolean {
  return typeof id === 'string' && id.toLowerCase() === handle!.toLowerCase();
}

/** Asks for the application's credentials of one kind. */
function verifyIn(property: 'passwordCredentials' | 'keyCredentials'): Call<EntraSettings>['verify'] {
  return {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', `${applicationUrl(intent, settings)}?$select=${property}`),
    classify: (answer, intent) => standingOf(answer, ({ [property]: credentials }) =>
      (Array.isArray(credentials) ? hasKey(credentials, intent) ? 'alive' : 'dead' : 'unknown')),
  };
}

const facts = {
  delay: 'New tokens: at once.', undo: null, rights: 'Application.ReadWrite.OwnedBy for own applications, else Application.ReadWrite.All.',
} as const;

/** Whether the secret is still there: to remove it twice is no documented success. */
const findPassword = {
  request: (intent: Intent, settings: EntraSettings): OutboundRequest => jsonRequest('GET', `${applicationUrl(intent, settings)}?$select=passwordCredentials`),
  classify(answer: OutboundAnswer, intent: Intent): Found {
    const verdict = httpVerdict(answer);
    if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
    const credentials = objectOf(answer)?.['passwordCredentials'];
    if (!Array.isArray(credentials)) return { kind: 'failed', reason: 'keys_not_readable' };
    return hasKey(credentials, intent) ? { kind: 'found', value: '' } : { kind: 'gone' };
  },
};

export const applicationPassword: Call<EntraSettings> = {
  name: 'password',
  isListed: true,
  facts: { ...facts, effect: 'The application gets no more tokens by this secret; its others go on. Tokens already handed out are good until they expire.' },
  rights: writesApplications,
  fits: fitsKind('api_key'),
  find: findPassword,
  request: (intent, settings) => jsonRequest('POST', `${applicationUrl(intent, settings)}/removePassword`, { keyId: intent.target.handle!.toLowerCase() }),
  classify: plainVerdict,
  verify: verifyIn('passwordCredentials'),
  undo: null,
};

function trustUrl({ target }: Intent, settings: EntraSettings): string {
  const [application, trust] = parts(listed(target, settings)!, 2);
  return `${settings.graph}${path`/applications/${application!}/federatedIdentityCredentials/${trust!}`}`;
}

/** By which tokens of another authority, such as those of a CI job, are taken for the application's. */
export const applicationTrust: Call<EntraSettings> = {
  name: 'federated',
  isListed: true,
  facts: {
    ...facts,
    effect: 'The application gets no more tokens for those of the other authority that this one trust let in; its secrets, certificates and other '
      + 'trusts go on. Tokens already handed out are good until they expire.',
  },
  rights: writesApplications,
  fits: ({ issuer }, _kind, settings) => (issuer === settings.issuer ? null : 'other_issuer'),
  request: (intent, settings) => jsonRequest('DELETE', trustUrl(intent, settings)),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', trustUrl(intent, settings)),
    classify: (answer) => standingOf(answer, ({ id }) => (typeof id === 'string' ? 'alive' : 'unknown')),
  },
  undo: null,
};

/** The certificates as they are. What is sent back must be whole, or others would be lost. */
const findKeys = {
  request: (intent: Intent, settings: EntraSettings): OutboundRequest => jsonRequest('GET', `${applicationUrl(intent, settings)}?$select=keyCredentials`),
  classify(answer: OutboundAnswer, intent: Intent): Found {
    const verdict = httpVerdict(answer);
    if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
    const credentials = objectOf(answer)?.['keyCredentials'];
    if (!Array.isArray(credentials)) return { kind: 'failed', reason: 'keys_not_readable' };
    if (!hasKey(credentials, intent)) return { kind: 'gone' };
    const kept = credentials.filter((one) => !isKey(asObject(one) ?? {}, intent.target));
    const isWhole = kept.every((one) => typeof asObject(one)?.['key'] === 'string');
    return isWhole ? { kind: 'found', value: JSON.stringify(kept) } : { kind: 'failed', reason: 'keys_not_readable' };
  },
};

/** `removeKey` wants a proof signed by a certificate of the application's own, so the list is written without the one. */
export const applicationKey: Call<EntraSettings> = {
  name: 'key',
  isListed: true,
  facts: {
    ...facts,
    effect: 'The application gets no more tokens by this certificate; its others go on. Tokens already handed out are good until they expire.',
  },
  rights: writesApplications,
  fits: fitsKind('certificate'),
  find: findKeys,
  request: (intent, settings, { found }) =>
    jsonRequest('PATCH', applicationUrl(intent, settings), { keyCredentials: JSON.parse(found) as unknown }),
  classify: plainVerdict,
  verify: verifyIn('keyCredentials'),
  undo: null,
};
