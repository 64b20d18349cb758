import type { Configuration } from '../config/configuration.ts';
import type { NeverRevoke } from '../config/policy-schema.ts';
import type { ActionSection, SectionOf } from '../config/respond-schema.ts';
import type { RotationSection } from '../config/rotation-schema.ts';
import type { OwnName } from '../model/own-use.ts';

type Lived = Pick<Configuration, 'kafka' | 'sinks' | 'respond'>;

/** What this service itself lives and acts on, as entries of what is never acted upon: cut off, it could neither see nor act. */
export function ownCredentials({ kafka, sinks, respond }: Lived): NeverRevoke[] {
  const names = [
    kafka?.sasl?.username, kafka?.schema_registry?.username, ...sinks.map((sink) => ('username' in sink ? sink.username : undefined)),
    ...respond.actions.flatMap((action) => accountsOf(action).map(({ name }) => name)),
  ].filter((name) => name !== undefined);
  const subjects = respond.actions.flatMap(accountsOf).flatMap(({ name, issuer }) => (issuer === null ? [] : [{ identity: `${issuer}|${name}` }]));
  const keys = respond.actions.flatMap(keysOf).map((handle) => ({ handle }));
  return [...names.flatMap((name) => [{ client: name }, { identity: name }]), ...subjects, ...keys];
}

/** The same of names that logs give our credentials, each under its authority. */
export function entriesOf(names: readonly Pick<OwnName, 'name' | 'issuer'>[]): NeverRevoke[] {
  return names.flatMap(({ name, issuer }) => [
    { handle: name }, { client: name }, { identity: name }, ...issuer === null ? [] : [{ identity: `${issuer}|${name}` }],
  ]);
}

/** The same as logs of their authorities name them. What delivers elsewhere than to an authority whose logs are read is not among it. */
export function ownNames({ sinks, respond }: Pick<Lived, 'sinks' | 'respond'>): OwnName[] {
  const acting = respond.actions.flatMap((action) => [
    ...accountsOf(action).map((account) => ({ ...account, of: action.name, acts: true })),
    ...keysOf(action).map((name) => ({ name, issuer: 'aws', of: action.name, acts: true })),
  ]);
  const delivering = sinks.flatMap((sink) => ('tenant_id' in sink && 'client_id' in sink
    ? [{ name: sink.client_id, issuer: entraIssuer(sink.tenant_id), of: sink.name, acts: false }]
    : []));
  return [...acting, ...delivering];
}

interface Account { readonly name: string; readonly issuer: string | null }

/** As whom the action shows itself at its provider, where the configuration says so. */
function accountsOf(action: ActionSection): Account[] {
  switch (action.type) {
    // Its client is the one whose tokens are revoked.
    case 'oauth_revocation': return action.introspection_client_id === undefined ? [] : [{ name: action.introspection_client_id, issuer: action.issuer }];
    case 'keycloak': return [{ name: action.client_id, issuer: `${action.base_url.replace(/\/+$/, '')}/realms/${action.login_realm ?? action.realm}` }];
    case 'entra': case 'apim': return [{ name: action.client_id, issuer: entraIssuer(action.tenant_id) }];
    case 'ords': return [{ name: action.user_name, issuer: action.issuer }];
    case 'oci_domain': return [{ name: action.client_id, issuer: null }];
    case 'ping_one': return [{ name: action.client_id, issuer: action.issuer ?? null }];
    case 'oci': return [{ name: action.user_id, issuer: 'oci' }];
    case 'ping_federate': return [{ name: action.user_name, issuer: action.issuer }];
    case 'okta': return oktaTokenOf(action);
    case 'vault': case 'kubernetes': return accountIn(action);
    case 'spire': return action.account === undefined ? [] : [{ name: action.account, issuer: null }];
    case 'rotation': return [
      ...realmOf(action), ...ordsUserOf(action), ...azureParts(action).map((part) => ({ name: part.client_id, issuer: entraIssuer(part.tenant_id) })),
      ...action.stores.flatMap(accountIn), ...action.credential.type === 'okta_secret' ? oktaTokenOf(action.credential) : [],
    ];
    default: return [];
  }
}

/** Of what shows a token that says nothing of whose it is. */
function accountIn(part: SectionOf<'vault'> | SectionOf<'kubernetes'> | RotationSection['stores'][number]): Account[] {
  return 'account' in part && part.account !== undefined ? [{ name: part.account, issuer: part.issuer }] : [];
}

function oktaTokenOf({ account, org_url: org, issuer }: { account?: string | undefined; org_url: string; issuer?: string | undefined }): Account[] {
  return account === undefined ? [] : [{ name: account, issuer: issuer ?? org.replace(/\/+$/, '') }];
}

/** Shows a credential of ours that neither the configuration nor anybody else has a name for. */
export function isUnnamed(action: ActionSection): boolean {
  switch (action.type) {
    case 'kong': return action.admin_token_file !== undefined;
    case 'spire': return action.account === undefined;
    // The client whose tokens are revoked is not ours alone.
    case 'oauth_revocation': return action.introspection_client_id === undefined;
    default: return false;
  }
}

/** Access keys of AWS. */
function keysOf(action: ActionSection): string[] {
  if (action.type === 'aws') return [action.access_key_id];
  if (action.type !== 'rotation') return [];
  return [...new Set([action.credential, ...action.stores].flatMap((part) => ('access_key_id' in part ? [part.access_key_id] : [])))];
}

function azureParts({ credential, stores }: RotationSection) {
  return [credential, ...stores].filter((part) => 'tenant_id' in part);
}

function realmOf({ credential }: RotationSection): Account[] {
  if (credential.type !== 'keycloak_secret') return [];
  const { base_url: base, login_realm: realm = credential.realm, client_id: name } = credential;
  return [{ name, issuer: `${base.replace(/\/+$/, '')}/realms/${realm}` }];
}

function ordsUserOf({ credential }: RotationSection): Account[] {
  return credential.type === 'ords_secret' ? [{ name: credential.user_name, issuer: credential.issuer }] : [];
}

function entraIssuer(tenant: string): string {
  return `https://sts.windows.net/${tenant.toLowerCase()}/`;
}
