/** One usable configuration of every action that speaks HTTP, and a token that it fits. */
import { calls } from '../../../src/config/provider-schema.ts';
import type { Target } from '../../../src/model/intent.ts';

export interface Sample { readonly name?: string; readonly section: Readonly<Record<string, unknown>> & { readonly type: string; readonly call?: string }; readonly target: Partial<Target> }

export interface SampleFiles {
  /** One line. */
  readonly secret: string;
  /** RSA key in PEM. */
  readonly key: string;
  /** JSON key of a service account. */
  readonly account: string;
  /** Signing keys of webhooks. */
  readonly signing: string;
  /** In PEM. */
  readonly certificate: string;
}

const guid = '22222222-aaaa-4bbb-8ccc-000000000002';
const user = 'ocid1.user.oc1..victim';
const subject = (issuer: string, id: string): Partial<Target> => ({ issuer, userId: id, identityId: `${issuer}|${id}` });
const role: Partial<Target> = {
  tokenKind: 'temporary_key', handle: 'ASIA111122223333SESS', issuer: 'aws', identityId: 'aws:123456789012:AROA1234567890123456', identityName: 'exporter',
  userId: 'AROA1234567890123456:i-0abc',
};
const fingerprint = '20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34';

/** Tokens by `type.call`, else by type; without an entry that of `targetOf` fits. */
const targets: Readonly<Record<string, Partial<Target>>> = {
  aws: role, 'aws.access_key': { ...role, tokenKind: 'access_key', handle: 'AKIA111122223333EXPT' },
  'aws.user_keys': { ...role, tokenKind: 'access_key', handle: 'AKIA111122223333EXPT', identityId: 'aws:123456789012:AIDAEXPORT' },
  'aws.api_gateway_key': { ...role, tokenKind: 'api_key', handle: 'abc123' },
  entra: subject('https://sts.windows.net/t/', guid), 'entra.password': { ...subject('https://sts.windows.net/t/', guid), tokenKind: 'api_key', handle: guid },
  'entra.key': { ...subject('https://sts.windows.net/t/', guid), tokenKind: 'certificate', handle: guid },
  apim: { tokenKind: 'api_key', handle: 's', issuer: 'azure.apim:/subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/edge' },
  okta: subject('https://login.example', '00u1'), 'okta.session': { tokenKind: 'session' }, 'okta.api_token': { tokenKind: 'api_key' },
  vault: { issuer: 'https://login.example', tokenKind: 'vault', handle: 'AbCdEf0123456789', identityId: 'https://login.example|calculator' },
  kubernetes: { tokenKind: 'kubernetes', issuer: 'https://login.example', identityId: 'https://login.example|system:serviceaccount:jobs:export' },
  google: { issuer: 'gcp', tokenKind: 'service_account_key', handle: '0123456789abcdef0123', identityId: 'gcp|export@example.iam.gserviceaccount.com' },
  'google.apigee_key': { issuer: 'apigee:example', tokenKind: 'api_key', identityId: 'apigee:example|export' },
  github: { issuer: 'github', tokenKind: 'opaque' }, kong: { tokenKind: 'api_key', handle: guid, identityId: `kong:${guid}` },
  oci: { issuer: 'oci', tokenKind: 'opaque', handle: 'ocid1.credential.oc1..c', identityId: `oci|${user}` },
  'oci.api_key': { issuer: 'oci', tokenKind: 'api_key', handle: `${user}/${fingerprint}` }, 'oci.user_api_keys': { issuer: 'oci', tokenKind: 'api_key', handle: `${user}/${fingerprint}` },
  ping_one: { tokenKind: 'session' }, 'ping_federate.grant': { tokenKind: 'session' },
  spire: subject('https://login.example', 'spiffe://prod.example/ns/jobs/sa/export'),
};

/** With its port. */
function hostOf(url: string): string {
  const { host, port } = new URL(url);
  return port === '' ? `${host}:443` : host;
}

/** Everything that a request may need besides the secret is there: kinds and ids that fit, and one entry for the identity. */
export function everySample(url: string, { secret, key, account, signing, certificate }: SampleFiles): Sample[] {
  const issuer = 'https://login.example';
  const client = { client_id: 'ours', client_secret_file: secret };
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    oauth_revocation: { issuer, revocation_endpoint: `${url}/revoke`, introspection_endpoint: `${url}/introspect`, ...client },
    webhook: { url, status_url: url, secret_file: signing, does: ['revoke'] },
    keycloak: { base_url: url, realm: 'prod', issuer, ...client },
    aws: { account_id: '123456789012', access_key_id: 'AKIARESPONDER0000001', secret_key_file: secret, session_token_file: secret, endpoint: url },
    entra: { tenant_id: 't', graph_url: url, login_url: url, ...client },
    apim: { tenant_id: 't', subscription_id: 's', resource_group: 'g', service: 'edge', management_url: url, login_url: url, ...client },
    okta: { org_url: url, issuer, api_token_file: secret }, vault: { address: url, issuer, token_file: secret }, kubernetes: { api_server: url, issuer, token_file: secret },
    google: { project: 'example', key_file: account, iam_url: url, apigee_url: url, token_url: `${url}/token` }, github: { api_url: url },
    kong: { admin_url: url, issuer, admin_token_file: secret },
    oci: { region: 'r', tenancy_id: 't', user_id: 'u', key_fingerprint: fingerprint, key_file: key, endpoint: url }, oci_domain: { domain_url: url, ...client },
    ords: { api_url: url, user_name: 'ours', password_file: secret },
    ping_one: { environment_id: 'e', api_url: url, auth_url: url, issuer, ...client }, ping_federate: { base_url: url, issuer, user_name: 'ours', password_file: secret },
    shared_signals: { endpoint: url, issuer: 'https://ours.example', audience: 'a', signing_key_file: key, key_id: 'k', authorization_file: secret },
    spire: { trust_domain: 'prod.example', issuer, address: hostOf(url), certificate_file: certificate, key_file: key, bundle_file: certificate },
  };
  return [...Object.entries(sections).flatMap(([type, part]) => {
    const names: readonly (string | undefined)[] = Object.entries(calls).find(([name]) => name === type)?.[1] ?? [undefined];
    return names.map((call): Sample => {
      const target = targets[`${type}.${call}`] ?? targets[type] ?? {};
      const entry = listed[`${type}.${call}`];
      const identities = entry === undefined ? {} : { identities: { [target.identityId ?? `${issuer}|calculator`]: entry } };
      return { section: { name: 'action', type, ...(call === undefined ? {} : { call }), allow_private: true, ...part, ...identities }, target };
    });
  }), ...rotations(url, secret, issuer)];
}

/** One for each kind of credential; between them they use every kind of store. */
function rotations(url: string, secret: string, issuer: string): Sample[] {
  const azure = { tenant_id: 't', login_url: url, client_id: 'ours', client_secret_file: secret };
  const aws = { access_key_id: 'AKIARESPONDER0000001', secret_key_file: secret, endpoint: url };
  const fields = { id_field: 'id', secret_field: 'secret' };
  type Part = Readonly<Record<string, unknown>> & { readonly type: string };
  const kinds: [Part, Part, Partial<Target>, string?][] = [
    [{ type: 'aws_access_key', account_id: '123456789012', ...aws }, { type: 'aws_secrets_manager', ...aws }, targets['aws.access_key']!],
    [{ type: 'entra_password', graph_url: url, ...azure }, { type: 'azure_key_vault', vault_url: url, ...azure }, targets['entra.password']!, guid],
    [{ type: 'okta_secret', org_url: url, issuer, api_token_file: secret }, { type: 'vault_kv', address: url, token_file: secret, ...fields }, targets['okta']!, '0oa1/ocs1'],
    [{ type: 'okta_secret', org_url: url, issuer, api_token_file: secret }, { type: 'kubernetes_secret', api_server: url, token_file: secret, ...fields },
      targets['okta']!, '0oa1/ocs1'],
  ];
  kinds.push([{ type: 'keycloak_secret', base_url: url, realm: 'prod', issuer, client_id: 'ours', client_secret_file: secret },
    { type: 'vault_kv', address: url, token_file: secret, ...fields }, targets['okta']!, 'export']);
  kinds.push([{ type: 'ords_secret', api_url: url, user_name: 'ours', password_file: secret }, { type: 'vault_kv', address: url, token_file: secret, ...fields },
    targets['okta']!, 'LVW..']);
  return kinds.map(([credential, store, target, entry]) => ({
    name: `rotation.${credential.type}`, target,
    section: {
      name: 'action', type: 'rotation', allow_private: true, credential: { ...credential, ...(entry === undefined ? {} : { identities: { [target.identityId!]: entry } }) },
      stores: [{ ...store, secrets: { [target.identityId!]: 'jobs/export' } }],
    },
  }));
}

/** What `identities` names, in the form that the call wants. */
const listed: Readonly<Record<string, string>> = {
  'keycloak.client_not_before': 'export', 'keycloak.client_disable': 'export', 'aws.secret_rotation': 'arn:aws:secretsmanager:r:1:secret:s', 'entra.application': guid,
  'entra.password': guid, 'entra.key': guid, 'entra.federated': `${guid}/trust-1`, 'okta.app': '0oa1', 'okta.secret': '0oa1/ocs1', 'vault.leases': 'aws/creds/export', 'vault.secret_id': 'billing/acc',
  'kubernetes.secret': 'jobs/export', 'google.apigee_app': 'dev/app', 'google.apigee_key': 'dev/app', 'oci_domain.auth_token': 't1', 'oci_domain.oauth_client': 'c1',
  'ords.client': 'LVW..', 'ords.secret': 'LVW../1',
  'spire.agent': 'spiffe://prod.example/spire/agent/join_token/0',
};
