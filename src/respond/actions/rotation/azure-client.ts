import { secretIn, type Authorizer } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { path } from '../http.ts';

interface AzureSection {
  readonly tenant_id: string;
  readonly login_url: string;
  readonly client_id: string;
  readonly client_secret_file: string;
}

/** Our own client at Entra, with tokens for one of its resources. */
export function azureClient({ tenant_id: tenant, login_url: loginUrl, client_id: id, client_secret_file: file }: AzureSection, scope: string): Authorizer {
  const endpoint = `${loginUrl.replace(/\/+$/, '')}${path`/${tenant}/oauth2/v2.0/token`}`;
  return bearer(clientCredentials({ endpoint, id, secret: secretIn(file), method: 'client_secret_post', scope }));
}
