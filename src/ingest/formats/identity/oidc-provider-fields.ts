import { firstOf, path, subtree, type Json } from '../../paths.ts';
import type { SecretView, Values } from '../format.ts';

/** What an application writes for each event of the provider. */
export const fields = {
  time: path('time'), type: path('type'), iss: path('iss'), ip: path('ip'), ua: path('ua'), route: path('route'), caller: path('caller'),
  kind: path('kind'), format: path('format'), client_id: path('client_id'), account: firstOf(path('account'), path('sub')),
  scope: path('scope'), aud: firstOf<Json>(subtree(['aud'])), grant: path('grant'),
  /** Public for a JWT. The id of an opaque token is the token: then only the secret of the same name is looked at. */
  jti: path('jti'),
  token_sha256: path('token_sha256'), iat: path('iat'), exp: path('exp'), expires_in: path('expires_in'), grant_type: path('grant_type'),
  error: path('error'), detail: path('detail'), status: path('status'), request_id: path('request_id'),
  subject_client: path('subject_client'), bound_to: firstOf(path('jkt'), path('x5t#S256')),
};
export const secrets = { jti: path('jti'), token: path('token') };
export type Fields = Values<typeof fields>;
export type Secrets = { readonly [K in keyof typeof secrets]: SecretView | null };
