import { z } from 'zod';
import { duration, file, text, yesOrNo } from './scalars.ts';

/** Settings of every action that speaks HTTP. */
export const http = {
  allow_private: yesOrNo.default(false).describe('The other side stands in the operator\'s own network.'),
  ca_file: file.optional().describe('PEM of the authority that signed its certificate; absent: those that the system trusts.'),
};

export function exposure(standard: string) {
  return duration('30s', '1s').default(standard)
    .describe('How long the token may still be accepted after the step: until gateways have the list, or kept answers run out.');
}

/** Calls as `docs/actions.md` describes them. */
export const calls = {
  keycloak: ['session', 'user_logout', 'client_not_before', 'client_disable'],
  aws: ['access_key', 'user_keys', 'role_sessions', 'session', 'outbound_federation', 'api_gateway_key', 'secret_rotation'],
  entra: ['service_principal', 'application', 'password', 'key', 'federated', 'sign_in_sessions'],
  okta: ['session', 'user_sessions', 'app', 'secret', 'api_token'],
  vault: ['token', 'leases', 'secret_id'],
  kubernetes: ['secret', 'service_account', 'pod'],
  google: ['key', 'service_account', 'apigee_app', 'apigee_key'],
  kong: ['key_auth', 'consumer'],
  oci: ['api_key', 'auth_token', 'customer_secret_key', 'oauth_client', 'user_api_keys'],
  oci_domain: ['auth_token', 'oauth_client'],
  ords: ['client', 'secret'],
  ping_federate: ['session', 'grant'],
  shared_signals: ['session_revoked', 'credential_change'],
  spire: ['entry', 'agent'],
} as const;

function head<const Type extends keyof typeof calls>(type: Type) {
  const title = `one of ${calls[type].join(', ')}`;
  return { name: text, type: z.literal(type), call: z.enum(calls[type]).meta({ title }).describe('What is done, and to what: see docs/actions.md.') };
}

const identities = z.record(text, text).default({}).meta({ title: 'identities as alerts name them, each with what it is at the provider' })
  .describe('Where the token does not tell what to stop: what it is for each identity. No other is ever touched.');
const issuer = text.describe('As tokens and events name it.');
/** Tokens of these have no public name in the configuration otherwise. */
export const ownAccount = {
  okta: text.optional().describe('Id of our API token, as the System Log names it. Absent: Okta is asked, where its user has no other.'),
  kubernetes: text.optional().describe('As audit logs name our account, system:serviceaccount:<namespace>:<name>: by it misuse of our token is told. '
    + 'Absent: the token says so, else the cluster is asked.'),
  vault: text.optional().describe('As audit logs name us, by role, entity id or accessor: by it misuse of our token is told. '
    + 'Absent: Vault is asked for accessor and entity.'),
};
/** ORDS, as its REST API is called. */
export const ordsPlace = {
  api_url: text.describe('Such as https://ords.example/ords/hr/_/db-api/stable, of the schema that the clients are registered in.'),
  user_name: text.describe('Our own user there.'), password_file: file, issuer: text.default('ords').describe('As events name whose users they are.'),
};
const clientCredential = { client_id: text.describe('Our own client there.'), client_secret_file: file };

const keycloak = z.strictObject({
  ...head('keycloak'), base_url: text.describe('Such as https://login.example, without /admin.'), realm: text,
  issuer: issuer.optional().describe('Absent: <base_url>/realms/<realm>.'), login_realm: text.optional().describe('Where our client stands; absent: realm.'),
  ...clientCredential, identities, ...http, exposure: exposure('5m'),
});
const aws = z.strictObject({
  ...head('aws'), account_id: z.string().regex(/^\d{12}$/).meta({ title: 'the twelve digits of an account' }),
  access_key_id: text.describe('Our own key.'), secret_key_file: file, session_token_file: file.optional().describe('Of temporary credentials.'),
  region: text.default('us-east-1').describe('Of API Gateway and Secrets Manager. IAM is global.'),
  endpoint: text.optional().describe('Absent: that of the service, such as https://iam.amazonaws.com/.'),
  vpcs: z.array(z.string().regex(/^vpc-[0-9a-f]{8,17}$/)).max(20).default([]).meta({ title: 'a list of VPC ids such as vpc-0123456789abcdef0' })
    .describe('Of pins: VPCs of yours whose endpoints your workloads call AWS by. Only within them a private address says where somebody is.'),
  identities, ...http, exposure: exposure('5m'),
});
const entra = z.strictObject({
  ...head('entra'), tenant_id: text, issuer: issuer.optional().describe('Absent: https://sts.windows.net/<tenant_id>/.'),
  graph_url: text.default('https://graph.microsoft.com/v1.0'), login_url: text.default('https://login.microsoftonline.com'),
  ...clientCredential, identities, ...http, exposure: exposure('15m'),
});
const apim = z.strictObject({
  name: text, type: z.literal('apim'), tenant_id: text, subscription_id: text.describe('Of Azure.'), resource_group: text,
  service: text.describe('Name of the API Management service.'),
  management_url: text.default('https://management.azure.com'), login_url: text.default('https://login.microsoftonline.com'),
  ...clientCredential, ...http, exposure: exposure('5m'),
});
const okta = z.strictObject({
  ...head('okta'), org_url: text.describe('Such as https://example.okta.com.'), issuer: issuer.optional().describe('Absent: org_url.'),
  api_token_file: file, account: ownAccount.okta, identities, ...http, exposure: exposure('5m'),
});
const vault = z.strictObject({
  ...head('vault'), address: text.describe('Such as https://vault.example:8200.'),
  issuer: text.default('vault').describe('As events name the cluster.'),
  namespace: text.optional(), token_file: file, account: ownAccount.vault, identities, ...http, exposure: exposure('30s'),
});
const kubernetes = z.strictObject({
  ...head('kubernetes'), api_server: text.describe('Such as https://10.0.0.1:6443.'),
  issuer: text.default('kubernetes').describe('As events name the cluster.'),
  token_file: file.describe('Of an account of ours. Read at each start, and again when it was refused.'),
  account: ownAccount.kubernetes, identities, ...http, exposure: exposure('2m'),
});
const google = z.strictObject({
  ...head('google'), key_file: file.describe('JSON key of a service account of ours.'),
  project: text.describe('That of the keys and accounts; of Apigee: the organization.'),
  iam_url: text.default('https://iam.googleapis.com/v1'), apigee_url: text.default('https://apigee.googleapis.com/v1'),
  token_url: text.default('https://oauth2.googleapis.com/token'), identities, ...http, exposure: exposure('10m'),
});
const github = z.strictObject({
  name: text, type: z.literal('github'), api_url: text.default('https://api.github.com'), ...http, exposure: exposure('5m'),
});
const kong = z.strictObject({
  ...head('kong'), admin_url: text.describe('Of the Admin API.'), issuer: text.default('kong').describe('As events name it.'),
  admin_token_file: file.optional().describe('Sent as Kong-Admin-Token.'), ...http, exposure: exposure('10s'),
});
const oci = z.strictObject({
  ...head('oci'), region: text.describe('The tenancy\'s home region.'), tenancy_id: text, user_id: text.describe('Our own user.'),
  key_fingerprint: text, key_file: file.describe('RSA key in PEM, without a passphrase.'), endpoint: text.optional().describe('Absent: that of the region.'),
  ...http, exposure: exposure('5m'),
});
const ociDomain = z.strictObject({
  ...head('oci_domain'), domain_url: text.describe('Such as https://idcs-0123.identity.oraclecloud.com.'), scope: text.default('urn:opc:idm:__myscopes__'),
  ...clientCredential, identities, ...http, exposure: exposure('5m'),
});
const ords = z.strictObject({ ...head('ords'), ...ordsPlace, identities, ...http, exposure: exposure('5m') });
const pingOne = z.strictObject({
  name: text, type: z.literal('ping_one'), environment_id: text, issuer: issuer.optional().describe('Absent: <auth_url>/<environment_id>/as.'),
  api_url: text.default('https://api.pingone.com/v1'), auth_url: text.default('https://auth.pingone.com'),
  ...clientCredential, ...http, exposure: exposure('5m'),
});
const pingFederate = z.strictObject({
  ...head('ping_federate'), base_url: text.describe('Such as https://sso.example:9031.'), issuer, user_name: text, password_file: file,
  ...http, exposure: exposure('5m'),
});
const sharedSignals = z.strictObject({
  ...head('shared_signals'), endpoint: text.describe('Where the receiver takes events.'),
  issuer: text.describe('Ours, as the receiver knows it.'), audience: text,
  signing_key_file: file.describe('RSA key in PEM of at least 2048 bits.'), key_id: text, authorization_file: file.optional().describe('The whole header.'),
  subject: z.enum(['jwt_id', 'iss_sub']).default('jwt_id').meta({ title: 'jwt_id or iss_sub' })
    .describe('What the event is about: the one token, or everything of its subject.'),
  ...http, exposure: exposure('5m'),
});

const spire = z.strictObject({
  ...head('spire'), trust_domain: text.describe('Such as prod.example.'),
  issuer: text.default('spire').describe('As events name who issued JWT-SVIDs.'),
  address: text.describe('Path of the server\'s private socket, or host:port; there the three files are needed.'),
  certificate_file: file.optional().describe('Our own X509-SVID in PEM, of an entry marked admin. Read anew for each call, as are the next two.'),
  key_file: file.optional().describe('Its private key.'), bundle_file: file.optional().describe('Authorities of the trust domain.'),
  account: text.optional().describe('Our own SPIFFE ID, as the audit log names us: then what is done with it is watched.'),
  all_entries: yesOrNo.default(false).describe('An identity of several entries loses all of them; otherwise it is left alone as ambiguous.'),
  privileged: yesOrNo.default(false).describe('Also entries of administrators, downstream servers and groups of machines.'),
  identities, allow_private: http.allow_private, exposure: exposure('1h'),
});

export const providerSections = [
  keycloak, aws, entra, apim, okta, vault, kubernetes, google, github, kong, oci, ociDomain, ords, pingOne, pingFederate, sharedSignals, spire,
] as const;
