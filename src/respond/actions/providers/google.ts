import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { bearer } from '../auth/bearer.ts';
import type { Given } from '../declaration.ts';
import { googleKey } from '../auth/google.ts';
import { jsonRequest, path, standingOf, switchedOn } from '../http.ts';
import { goneIsDone, listed, parts, plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { googleNames } from '../own-name.ts';
import { plainRight, saidRight, type Rights } from '../rights.ts';

interface GoogleSettings extends ProviderSettings {
  readonly project: string;
  readonly iam: string;
  readonly apigee: string;
  /** Of our own service account, and of its key. */
  readonly email: string;
  readonly keyId: string;
}

const family: Family<SectionOf<'google'>, GoogleSettings> = {
  type: 'google',
  configure({ key_file: file, token_url: tokenUrl, project, iam_url: iam, apigee_url: apigee, identities, exposure }) {
    const key = googleKey(file, tokenUrl);
    return {
      email: key.email, keyId: key.keyId, project,
      iam: iam.replace(/\/+$/, ''), apigee: apigee.replace(/\/+$/, ''), identities, exposureMs: durationMs(exposure) as number,
      authorizer: bearer(key),
    };
  },
  urls: ({ iam, apigee }) => [iam, apigee],
  ownName: googleNames,
};

/** The service account of `gcp|<name>@<project>.iam.gserviceaccount.com`. */
function accountOf({ issuer, identityId }: Target, { project }: GoogleSettings): string | null {
  const email = issuer === 'gcp' && identityId?.startsWith('gcp|') === true ? identityId.slice('gcp|'.length) : '';
  return /^[a-z0-9-]{1,63}@[a-z0-9.:-]{1,100}\.iam\.gserviceaccount\.com$/.test(email) && email.endsWith(`@${project}.iam.gserviceaccount.com`) ? email : null;
}

function accountUrl({ target }: Intent, settings: GoogleSettings): string {
  // Not under the project "-", for which missing rights and missing accounts look alike.
  return `${settings.iam}${path`/projects/${settings.project}/serviceAccounts/${accountOf(target, settings)!}`}`;
}

function keyUrl(intent: Intent, settings: GoogleSettings): string {
  return `${accountUrl(intent, settings)}${path`/keys/${intent.target.handle!}`}`;
}

/** What `:disable` and `:enable` switch, and a GET tells. */
function switched(urlOf: (intent: Intent, settings: GoogleSettings) => string): Pick<Call<GoogleSettings>, 'request' | 'classify' | 'verify' | 'undo'> {
  const call = (verb: string) => (intent: Intent, settings: GoogleSettings): OutboundRequest => jsonRequest('POST', `${urlOf(intent, settings)}:${verb}`, {});
  return {
    request: call('disable'), classify: plainVerdict,
    verify: {
      isPossible: () => true,
      request: (intent, settings) => jsonRequest('GET', urlOf(intent, settings)),
      // False is left out.
      classify: (answer) => standingOf(answer, ({ name, disabled }) => (typeof name === 'string' ? switchedOn(disabled ?? false, false, true) : 'unknown')),
    },
    undo: { request: call('enable'), classify: plainVerdict },
  };
}

/** A service account of ours that there is not: of others nothing is known before an alert. */
const readsAccounts: Rights<GoogleSettings> = {
  ask: () => [{
    right: 'iam.serviceAccounts.get',
    request: ({ iam, project }) => {
      const nobody = `tokenward-asks-for-nobody@${project}.iam.gserviceaccount.com`;
      return jsonRequest('GET', `${iam}${path`/projects/${project}/serviceAccounts/${nobody}`}`);
    },
    classify: (answer) => (plainRight(answer) === 'missing' ? 'doubtful' : plainRight(answer)),
  }],
  unasked: 'to disable and enable',
};

const key: Call<GoogleSettings> = {
  ...switched(keyUrl),
  name: 'key',
  rights: readsAccounts,
  facts: {
    effect: 'The key gets no more access tokens. Those already handed out go on until they expire, an hour at most unless that was lengthened.',
    delay: 'Not documented; changes of policy take two to seven minutes.', undo: 'The key is enabled again.',
    rights: 'A role with iam.serviceAccountKeys.disable, .enable and .get on the account.',
  },
  fits: (target, _kind, settings) => {
    if (target.tokenKind !== 'service_account_key') return 'token_kind_not_supported';
    return accountOf(target, settings) === null ? 'other_account' : /^[0-9a-f]{16,64}$/.test(target.handle ?? '') ? null : 'no_public_id';
  },
};

const serviceAccount: Call<GoogleSettings> = {
  ...switched(accountUrl),
  name: 'service_account',
  rights: readsAccounts,
  facts: {
    effect: 'The service account can do nothing more: its keys, and access tokens already handed out, are refused.',
    delay: 'At once, as the interface describes it.',
    undo: 'The account is enabled again. Its tokens that have not expired work again, the stolen one too.',
    rights: 'A role with iam.serviceAccounts.disable, .enable and .get on the account.',
  },
  fits: (target, _kind, settings) => (accountOf(target, settings) === null ? 'other_account' : null),
};

function appUrl({ target }: Intent, settings: GoogleSettings): string {
  return appUrlOf(listed(target, settings)!, settings);
}

function appUrlOf(listedAs: string, settings: GoogleSettings): string {
  const [developer, app] = parts(listedAs, 2);
  return `${settings.apigee}${path`/organizations/${settings.project}/developers/${developer!}/apps/${app!}`}`;
}

/** Apigee knows a key by itself. */
function appKeyUrl(intent: Intent, settings: GoogleSettings, { token }: Given): string {
  return `${appUrl(intent, settings)}${path`/keys/${token!}`}`;
}

function withoutBody(url: string): OutboundRequest {
  return { ...jsonRequest('POST', url), headers: { 'content-type': 'application/octet-stream', 'user-agent': 'tokenward' } };
}

function appAction(name: 'revoke' | 'approve') {
  return (intent: Intent, settings: GoogleSettings): OutboundRequest => withoutBody(`${appUrl(intent, settings)}?action=${name}`);
}

const apigeeApp: Call<GoogleSettings> = {
  name: 'apigee_app',
  isListed: true,
  facts: {
    effect: 'All keys of the app are refused, and so are tokens that were got with them.', delay: 'OAuth tokens are kept for up to three minutes.',
    undo: 'The app is approved again.', rights: 'A role that may change developer apps of the organization.',
  },
  rights: {
    ask: ({ identities }) => Object.values(identities).map((value) => ({
      right: `to read the app ${value}`, request: (settings) => jsonRequest('GET', appUrlOf(value, settings)),
      classify: (answer) => saidRight(answer, () => true),
    })),
    unasked: 'to change it',
  },
  fits: () => null,
  request: appAction('revoke'),
  classify: plainVerdict,
  verify: {
    isPossible: () => true,
    request: (intent, settings) => jsonRequest('GET', appUrl(intent, settings)),
    classify: (answer) => standingOf(answer, ({ status }) => switchedOn(status, 'approved', 'revoked')),
  },
  undo: { request: appAction('approve'), classify: plainVerdict },
};

const apigeeKey: Call<GoogleSettings> = {
  name: 'apigee_key',
  isListed: true,
  needsToken: true,
  facts: {
    effect: 'The key is refused, and so are tokens that were got with it; other keys of the app go on.',
    delay: 'OAuth tokens are kept for up to three minutes.',
    undo: 'The key is approved again.', rights: 'A role with apigee.appkeys.get and apigee.appkeys.manage of the organization.',
  },
  rights: {
    ask: ({ identities }) => Object.values(identities).map((value) => ({
      right: `apigee.appkeys.get on ${value}`, request: (settings) => jsonRequest('GET', `${appUrlOf(value, settings)}/keys/tokenward-asks-for-none`),
    })),
    unasked: 'apigee.appkeys.manage',
  },
  // What was shown must be the key itself: of a token that was got with it nobody can tell the key.
  fits: ({ tokenKind }) => (tokenKind === 'api_key' ? null : 'token_kind_not_supported'),
  request: (intent, settings, given) => withoutBody(`${appKeyUrl(intent, settings, given)}?action=revoke`),
  classify: goneIsDone,
  verify: {
    isPossible: () => true,
    request: (intent, settings, given) => jsonRequest('GET', appKeyUrl(intent, settings, given)),
    classify: (answer) => standingOf(answer, ({ status }) => switchedOn(status, 'approved', 'revoked')),
  },
  undo: { request: (intent, settings, given) => withoutBody(`${appKeyUrl(intent, settings, given)}?action=approve`), classify: plainVerdict },
};

export const google = {
  key: providerOf(family, key), service_account: providerOf(family, serviceAccount), apigee_app: providerOf(family, apigeeApp),
  apigee_key: providerOf(family, apigeeKey),
};
