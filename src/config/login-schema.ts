import { z } from 'zod';
import { duration, file, text, yesOrNo } from './scalars.ts';
import { durationMs } from './units.ts';

const claim = z.union([text, z.array(text).min(1).max(8)]).meta({ title: 'a claim, or the list of keys that lead to it' });
const values = z.array(text).max(100).default([]).meta({ title: 'a list of values of the claim' });
const url = z.url({ protocol: /^https?$/ }).meta({ title: 'an http or https URL' });

/** An OpenID provider that people log in with. */
export const loginSection = z.strictObject({
  issuer: url.describe('As the provider names itself, to the letter.'),
  client_id: text,
  client_secret_file: file.optional().describe('Without it, the client is a public one.'),
  scopes: z.array(text).max(20).default(['openid', 'profile']).refine((scopes) => scopes.includes('openid'))
    .meta({ title: 'a list of scopes with openid' }),
  name_claim: claim.default('preferred_username').describe('Names people in the audit; must be one that they cannot change themselves.'),
  roles_claim: claim.default('groups'),
  roles: z.strictObject({ viewer: values, analyst: values, responder: values, admin: values })
    .refine((roles) => Object.values(roles).some((list) => list.length > 0))
    .meta({ title: 'for each role the values of the claim that give it' }).describe('The highest counts; who has none is not let in.'),
  endpoints: z.array(url).max(10).default([]).meta({ title: 'a list of URLs' })
    .describe('Other hosts of the provider that its metadata names, such as https://oauth2.googleapis.com.'),
  allow_private: yesOrNo.default(false).describe('It stands in the operator\'s own network.'),
  ca_file: file.optional(),
  step_up: z.strictObject({
    within: duration('5m', '1m').default('5m').describe('So lately must whoever approves, undoes or lets actions go on have logged in.'),
    acr_values: z.array(text).max(20).default([]).meta({ title: 'a list of values of acr' })
      .describe('Ways of logging in that count, as the provider names them; without any, all do.'),
    api_tokens: z.enum(['allowed', 'refused']).default('allowed').describe('May API tokens decide? They cannot log in again.'),
  }).prefault({}).describe('What a login must be like for decisions that let something be done.'),
}).describe('People log in with this OpenID provider, beside the API tokens of accounts_file; needs public_url.');

type RawLogin = z.output<typeof loginSection>;

/** Logging in with an OpenID provider, as the service uses it. */
export interface LoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string | null;
  readonly scopes: readonly string[];
  readonly nameClaim: readonly string[];
  readonly rolesClaim: readonly string[];
  readonly roles: RawLogin['roles'];
  readonly endpoints: readonly string[];
  readonly allowPrivate: boolean;
  readonly caFile: string | null;
  readonly stepUp: { readonly withinMs: number; readonly acrValues: readonly string[]; readonly apiTokens: 'allowed' | 'refused' };
}

export function makeLogin(raw: RawLogin | undefined): LoginSettings | null {
  if (raw === undefined) return null;
  return {
    issuer: raw.issuer, clientId: raw.client_id, clientSecretFile: raw.client_secret_file ?? null, scopes: raw.scopes,
    nameClaim: [raw.name_claim].flat(), rolesClaim: [raw.roles_claim].flat(), roles: raw.roles, endpoints: raw.endpoints,
    allowPrivate: raw.allow_private, caFile: raw.ca_file ?? null,
    stepUp: { withinMs: durationMs(raw.step_up.within) as number, acrValues: raw.step_up.acr_values, apiTokens: raw.step_up.api_tokens },
  };
}
