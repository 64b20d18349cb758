import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import { fixedHeaders } from '../auth/authorizer.ts';
import { jsonRequest } from '../http.ts';
import { plainVerdict, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';

interface GithubSettings extends ProviderSettings { readonly api: string }

const family: Family<SectionOf<'github'>, GithubSettings> = {
  type: 'github',
  configure: ({ api_url: api, exposure }) => ({
    api: api.replace(/\/+$/, ''), identities: {}, exposureMs: durationMs(exposure) as number, authorizer: fixedHeaders({}),
  }),
  urls: ({ api }) => [api],
};

/** Personal access tokens, tokens of OAuth apps, and those of users of GitHub Apps. */
const revocable = /^(?:ghp_|github_pat_|gho_|ghu_|ghr_)\w{20,255}$/;

const credential: Call<GithubSettings> = {
  name: 'credential',
  needsToken: true,
  facts: {
    effect: 'GitHub ends the token and tells its owner by mail.', delay: 'Not documented: GitHub only takes it on.', undo: null,
    rights: 'None: the call must not be authenticated. Sixty calls an hour are let through.',
  },
  fits: ({ issuer, tokenKind }) => {
    if (tokenKind !== 'opaque' && tokenKind !== 'refresh') return 'token_kind_not_supported';
    return issuer === 'github' ? null : 'other_issuer';
  },
  request: (_intent, { api }, { token }) => {
    if (!revocable.test(token ?? '')) throw new Error('GitHub revokes no token of this kind');
    const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
    return jsonRequest('POST', `${api}/credentials/revoke`, { credentials: [token] }, headers);
  },
  classify: plainVerdict,
  verify: null,
  undo: null,
};

export const github = providerOf(family, credential);
