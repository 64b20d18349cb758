import { z } from 'zod';
import { exposure, http, ordsPlace, ownAccount } from './provider-schema.ts';
import { duration, file, text } from './scalars.ts';

const identities = z.record(text, text).default({}).meta({ title: 'identities as alerts name them, each with what it is there' });
const issuer = text.describe('As tokens and events name it.');
const awsKey = {
  access_key_id: text.describe('Our own key.'), secret_key_file: file, session_token_file: file.optional().describe('Of temporary credentials.'),
  endpoint: text.optional().describe('Absent: that of the service.'),
};
const azureClient = {
  tenant_id: text, login_url: text.default('https://login.microsoftonline.com'), client_id: text.describe('Our own client there.'), client_secret_file: file,
};

/** What is rotated. Each keeps the old one alive beside the new. */
const credential = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('aws_access_key'), account_id: z.string().regex(/^\d{12}$/).meta({ title: 'the twelve digits of an account' }), ...awsKey,
  }),
  z.strictObject({
    type: z.literal('entra_password'), issuer: issuer.optional().describe('Absent: https://sts.windows.net/<tenant_id>/.'),
    graph_url: text.default('https://graph.microsoft.com/v1.0'), ...azureClient, identities: identities.describe('Object ids of the applications.'),
  }),
  z.strictObject({
    type: z.literal('keycloak_secret'), base_url: text.describe('Such as https://login.example, without /admin.'), realm: text,
    issuer: issuer.optional().describe('Absent: <base_url>/realms/<realm>.'),
    login_realm: text.optional().describe('Where our client stands; absent: realm.'),
    client_id: text.describe('Our own client there.'), client_secret_file: file, identities: identities.describe('clientId of each.'),
  }),
  z.strictObject({
    type: z.literal('okta_secret'), org_url: text.describe('Such as https://example.okta.com.'), issuer: issuer.optional().describe('Absent: org_url.'),
    api_token_file: file, account: ownAccount.okta, identities: identities.describe('<app id>/<secret id>: the secret that is to end.'),
  }),
  z.strictObject({ type: z.literal('ords_secret'), ...ordsPlace, identities: identities.describe('client_id of each.') }),
]);

const shared = {
  secrets: z.record(text, text).meta({ title: 'identities as alerts name them, each with where its credential stands' })
    .describe('No other identity is ever rotated.'),
  id_field: text.optional().describe('Member that holds the public id of the credential.'),
  secret_field: text.optional().describe('Member that holds its secret; absent: the whole value is the secret.'),
};

/** Where those who depend on a credential read it. */
const store = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('aws_secrets_manager'), region: text.default('us-east-1'), ...awsKey, ...shared }),
  z.strictObject({
    type: z.literal('azure_key_vault'), vault_url: text.describe('Such as https://example.vault.azure.net.'), ...azureClient, ...shared,
  }),
  z.strictObject({
    type: z.literal('vault_kv'), address: text.describe('Such as https://vault.example:8200.'), mount: text.default('secret').describe('Of KV version 2.'),
    namespace: text.optional(), token_file: file, issuer: text.default('vault').describe('As events name the cluster.'), account: ownAccount.vault,
    ...shared, secret_field: text,
    id_field: text.describe('Member that holds the public id of the credential. By it one of ours is known.'),
  }),
  z.strictObject({
    type: z.literal('kubernetes_secret'), api_server: text.describe('Such as https://10.0.0.1:6443.'),
    token_file: file.describe('Read at each start, and again when it was refused.'),
    issuer: text.default('kubernetes').describe('As events name the cluster.'), account: ownAccount.kubernetes,
    ...shared, secret_field: text,
  }),
]);

export const rotationSection = z.strictObject({
  name: text, type: z.literal('rotation'),
  credential: credential.meta({ title: 'what is rotated, such as { type: aws_access_key, … }' }),
  stores: z.array(store).min(1).max(8).meta({ title: 'a list of stores such as { type: aws_secrets_manager, … }' }),
  patience: duration('24h', '1s').default('24h').describe('So long users have to be seen on the new credential; then a person is asked.'),
  ...http, exposure: exposure('5m'),
});

export type RotationSection = z.output<typeof rotationSection>;
export type CredentialSection<Type extends RotationSection['credential']['type']> = Extract<RotationSection['credential'], { type: Type }>;
export type StoreSection<Type extends RotationSection['stores'][number]['type']> = Extract<RotationSection['stores'][number], { type: Type }>;
