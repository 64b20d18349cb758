import type { TokenEvent, TokenKind } from '../src/model/event.ts';

/**
 * Ways to make a credential that lasts, or a right to make some, as an intruder does to stay. `words` end the sentence "it ...", `bits` say how
 * much odder one is than a key of one's own; the place of each in `mintings` is its place in records: only ever append.
 */
export const mintings = [
  { id: 'for-other', words: 'made a credential for somebody else', bits: 2 },
  { id: 'for-self', words: 'made a further credential for itself', bits: 1 },
  { id: 'for-application', words: 'gave an application a further secret or certificate', bits: 2 },
  { id: 'trust', words: 'changed whose tokens are trusted', bits: 3 },
  { id: 'stand-in', words: 'changed who may act as another', bits: 2 },
  { id: 'consent', words: 'gave an application consent or delegated rights', bits: 1 },
  { id: 'cluster-token', words: 'asked for a service account\'s token', bits: 2 },
  { id: 'directory-token', words: 'made a token for the directory\'s or platform\'s own interface', bits: 1 },
  { id: 'act-as', words: 'minted in another project, as an account it never acted as', bits: 2 },
  { id: 'personal-token', words: 'made itself a personal token of a platform', bits: 2 },
] as const;

export type MintingId = typeof mintings[number]['id'];

/** Names as the providers write them; of Google and OCI the last part. Keys for oneself or another are told apart by whom they are for. */
const actions: Readonly<Partial<Record<MintingId, readonly string[]>>> = {
  'for-other': [
    'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential',
    'UploadSigningCertificate', 'CreateServiceAccountKey', 'UploadServiceAccountKey', 'UploadApiKey', 'CreateCustomerSecretKey', 'CreateAuthToken',
  ],
  'for-application': [
    'Add service principal credentials', 'Add service principal credentials.', 'Update application – Certificates and secrets management',
    'Update application – Certificates and secrets management ', 'app.oauth2.client.credential.lifecycle.create',
    'oauth_application.generate_client_secret', 'integration.generate_client_secret',
  ],
  trust: [
    'CreateOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint', 'AddClientIDToOpenIDConnectProvider', 'CreateSAMLProvider',
    'UpdateSAMLProvider', 'UpdateAssumeRolePolicy', 'CreateTrustAnchor', 'EnableOutboundWebIdentityFederation',
    'CreateWorkloadIdentityPoolProvider', 'UpdateWorkloadIdentityPoolProvider',
    'Set federation settings on domain', 'Set domain authentication', 'Set federation settings on domain.', 'Set domain authentication.',
    'system.idp.lifecycle.create', 'system.idp.lifecycle.update', 'system.idp.lifecycle.activate', 'app.oauth2.trusted_server.add',
    'CreateIdentityProvider', 'UpdateIdentityProvider',
  ],
  'stand-in': [
    'Add owner to application', 'Add owner to service principal', 'user.session.impersonation.grant', 'google.iam.admin.v1.SetIAMPolicy',
    'Add app role assignment to service principal',
  ],
  consent: [
    'Consent to application', 'Consent to application.', 'Add delegated permission grant', 'Add OAuth2PermissionGrant', 'app.oauth2.as.consent.grant',
    'app.oauth2.consent.grant', 'integration_installation.create', 'AUTHORIZE_API_CLIENT_ACCESS',
  ],
  'directory-token': [
    'system.api_token.create', 'project_access_token_created', 'group_access_token_created', 'deploy_token_created', 'org_credential_authorization.grant',
  ],
  // People make these for themselves every day.
  'personal-token': [
    'personal_access_token.create', 'personal_access_token.access_granted', 'Token.PatCreateEvent', 'generateDbToken', 'personal_access_token_created',
  ],
  'act-as': ['GenerateAccessToken', 'GenerateIdToken', 'SignJwt', 'SignBlob'],
};

const placeOf = (wanted: MintingId): number => mintings.findIndex(({ id }) => id === wanted);
const placeOfAction: ReadonlyMap<string, number> = new Map(
  Object.entries(actions).flatMap(([id, names]) => names.map((name) => [name, placeOf(id as MintingId)])),
);
const [forOther, forSelf, trust] = [placeOf('for-other'), placeOf('for-self'), placeOf('trust')];
const [clusterToken, actAs] = [placeOf('cluster-token'), placeOf('act-as')];

/** Kinds that somebody makes to last. */
export const lastingKinds: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);

/** Place in `mintings` of what the event did; -1: nothing of the kind. */
export function mintingOf(event: TokenEvent): number {
  const { action, module, resourceKind, resourceId } = event;
  if (action === null) return -1;
  if (module === 'kubernetes') return action === 'create' && resourceKind === 'serviceaccounts' && resourceId?.endsWith('/token') === true ? clusterToken : -1;
  if (module === 'keycloak' && resourceKind === 'identity_provider') return action === 'DELETE' ? -1 : trust;
  const point = action.lastIndexOf('.');
  const place = placeOfAction.get(action) ?? (point < 0 ? undefined : placeOfAction.get(action.slice(point + 1))) ?? -1;
  if (place === actAs) return isAcrossProjects(event) ? actAs : -1;
  if (place === forOther) return isForSelf(event) ? forSelf : forOther;
  if (place >= 0 || event.issued === null || event.issuedKind === null || !lastingKinds.has(event.issuedKind)) return place;
  return isForSelf(event) ? forSelf : forOther;
}

function isForSelf({ targetUserId, targetUserName, userId, userName, issuedIdentityId, identityId }: TokenEvent): boolean {
  if (issuedIdentityId !== null && identityId !== null) return issuedIdentityId === identityId;
  if (targetUserName === null && targetUserId === null) return true;
  return targetUserName === userName && userName !== null || targetUserId === userId && userId !== null;
}

const projectOfAccount = /@([a-z0-9-]+)\.iam\.gserviceaccount\.com$/;

/** The account that is to be acted as lies in another project than the caller's own; callers without one count by the log's project. */
function isAcrossProjects({ targetUserId, identityId, cloudAccount }: TokenEvent): boolean {
  const target = projectOfAccount.exec(targetUserId ?? '')?.[1];
  const home = projectOfAccount.exec(identityId ?? '')?.[1] ?? cloudAccount;
  return target !== undefined && home !== null && target !== home;
}

/** Whom the new credential, trust or right is for, as the log names it. */
export function mintedFor({ targetUserName, targetUserId, issuedIdentityId, resourceId }: TokenEvent): string | null {
  return targetUserName ?? targetUserId ?? issuedIdentityId ?? resourceId;
}

/** Users that a console makes for one service alone, and that have no use for keys or passwords of another kind. */
const singlePurpose = /^BedrockAPIKey-/;

/** A key or password for a user who was made for one service's own credentials only. */
export function isForSinglePurpose({ action, targetUserName }: TokenEvent): boolean {
  return (action === 'CreateAccessKey' || action === 'CreateLoginProfile' || action === 'UpdateLoginProfile')
    && targetUserName !== null && singlePurpose.test(targetUserName);
}
