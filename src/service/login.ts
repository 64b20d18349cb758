import { readFileSync } from 'node:fs';
import type { LoginSettings } from '../config/login-schema.ts';
import { checkedClient } from '../outbound/client.ts';
import { IdentityProvider } from '../server/oidc/provider.ts';
import type { ProviderLogin } from '../server/oidc/routes.ts';

/** Keys and metadata of large providers are longer than what others answer. */
const maxAnswerBytes = 512 * 1024;

/** Logging in with the configured provider. Throws where its URLs or files cannot be used. Where secrets change, their file is read again. */
export function makeLogin(settings: LoginSettings, publicUrl: string): ProviderLogin {
  const { issuer, clientId, clientSecretFile, scopes, endpoints, allowPrivate, caFile, nameClaim, rolesClaim, roles, stepUp } = settings;
  const outbound = { urls: [issuer, ...endpoints], allowPrivate, maxAnswerBytes, ...(caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') }) };
  const send = checkedClient('a URL of server.login', outbound);
  const provider = new IdentityProvider({
    issuer, clientId, scopes, redirectUri: `${new URL(publicUrl).origin}/login/callback`, send,
    clientSecret: clientSecretFile === null ? null : () => readFileSync(clientSecretFile, 'utf8').trim(),
  });
  return { provider, mapping: { nameClaim, rolesClaim, roles }, stepUp };
}
