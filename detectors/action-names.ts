/**
 * Operations by what they do, where their names alone would not tell. As the providers write them in their logs; of Google and Kubernetes-like
 * names (`google.iam.admin.v1.CreateServiceAccountKey`) the last part. What strikes at logs and guards stands in `tampering-actions.ts`.
 */
export const namesByClass = {
  asks: [
    'GetCallerIdentity', 'SimulatePrincipalPolicy', 'SimulateCustomPolicy', 'GetAccountAuthorizationDetails', 'ListAttachedUserPolicies',
    'ListAttachedRolePolicies', 'ListUserPolicies', 'ListRolePolicies', 'ListGroupsForUser', 'GetAccountSummary', 'GetAccessKeyLastUsed',
    'GetServiceQuota', 'GetSendQuota', 'TestIamPermissions', 'QueryTestablePermissions', 'QueryGrantableRoles', 'AnalyzeIamPolicy',
    'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews', 'CheckMfa', 'GetUserPrivileges',
  ],
  secrets: [
    'GetSecretValue', 'BatchGetSecretValue', 'GetParametersByPath', 'GetPasswordData', 'AccessSecretVersion', 'getSecret', 'GetKeyString',
    'MICROSOFT.KEYVAULT/VAULTS/SECRETS/READ', 'SecretGet', 'KeyGet', 'CertificateGet', 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    'MICROSOFT.DOCUMENTDB/DATABASEACCOUNTS/LISTKEYS/ACTION', 'GetSecretBundle', 'GetSecretBundleByName',
  ],
  mints: [
    'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential', 'GetFederationToken', 'GetSessionToken',
    'CreateServiceAccountKey', 'UploadServiceAccountKey', 'GenerateAccessToken', 'GenerateIdToken', 'SignJwt', 'SignBlob', 'CreateKeyPair',
    'ImportKeyPair', 'CreateApiKey', 'google.api.apikeys.v2.ApiKeys.CreateKey', 'generateDbToken', 'system.api_token.create', 'personal_access_token.create',
    'Add service principal credentials', 'Update application – Certificates and secrets management',
    'MICROSOFT.STORAGE/STORAGEACCOUNTS/REGENERATEKEY/ACTION', 'UploadApiKey', 'CreateAuthToken', 'CreateCustomerSecretKey', 'CreateSession',
    'GetSigninToken', 'serviceaccounts/token', 'CreateApplicationKey',
  ],
  permits: [
    'AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy', 'PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'UpdateAssumeRolePolicy',
    'AddUserToGroup', 'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeleteRolePermissionsBoundary', 'DeleteUserPermissionsBoundary',
    'CreateSAMLProvider', 'UpdateSAMLProvider', 'CreateOpenIDConnectProvider', 'AddRoleToInstanceProfile', 'CreateUser', 'CreateRole', 'CreateGrant',
    'SetIamPolicy', 'setIamPermissions', 'UpdateRole', 'CreateWorkloadIdentityPoolProvider', 'UpdateWorkloadIdentityPoolProvider',
    'Add member to role', 'Add app role assignment to service principal', 'Add delegated permission grant', 'Consent to application',
    'Add owner to application', 'Add owner to service principal', 'setAdmin', 'setAccountAdmin', 'addPrincipalToGroup', 'addPrincipalsToGroup',
    'changeAccountOwner', 'user.account.privilege.grant', 'group.privilege.grant', 'org.add_member', 'repo.add_member', 'team.add_repository',
    'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE', 'MICROSOFT.AUTHORIZATION/ROLEDEFINITIONS/WRITE', 'CreateAccountAssignment',
    'MICROSOFT.AUTHORIZATION/ELEVATEACCESS/ACTION',
  ],
  exposes: [
    'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute', 'PutBucketPolicy',
    'PutBucketAcl', 'PutObjectAcl', 'PutBucketReplication', 'PutBucketWebsite', 'AddPermission20150331v2', 'AddPermission', 'PutResourcePolicy',
    'PutKeyPolicy', 'SetRepositoryPolicy', 'AuthorizeSecurityGroupIngress', 'CreateFunctionUrlConfig', 'PutImagePolicy', 'CopySnapshot',
    'CopyDBSnapshot', 'StartExportTask', 'ExportImage', 'repo.access', 'repo.transfer', 'Disable-TransportRule', 'New-InboxRule', 'Set-Mailbox',
    'AddedToSecureLink', 'AnonymousLinkCreated',
  ],
  runs: [
    'SendCommand', 'StartSession', 'StartAutomationExecution', 'CreateFunction20150331', 'UpdateFunctionCode20150331v2',
    'UpdateFunctionConfiguration20150331v2', 'RunInstances', 'CreateStack', 'RunTask', 'ExecuteCommand', 'executeCommand', 'StartBuild',
    'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', 'ResumeSession', 'CreateEventSourceMapping20150331', 'ModifyInstanceAttribute',
    'MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION', 'MICROSOFT.COMPUTE/VIRTUALMACHINES/EXTENSIONS/WRITE',
    'MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/JOBS/WRITE', 'session.command', 'exec', 'attach', 'CreateInstanceConsoleConnection',
  ],
  destroys: [
    'ScheduleKeyDeletion', 'DestroyCryptoKeyVersion', 'DisableKey', 'HardDelete', 'SoftDelete', 'Remove-Mailbox', 'PutBucketLifecycle',
    'PutBucketLifecycleConfiguration', 'DeregisterImage', 'trashNotebook', 'repo.archived', 'EmptyBucket', 'FileDeleted', 'FileRecycled',
  ],
  reads: [
    'MailItemsAccessed', 'FileDownloaded', 'FileAccessed', 'git.clone', 'git.fetch', 'repo.download_zip', 'SelectObjectContent', 'Scan', 'Query',
    'GetQueryResults', 'ExecuteStatement', 'GetRecords', 'GetObject', 'Decrypt',
  ],
} as const;

/** First words of names, by what they do. The first that fits counts, so longer ones stand before shorter ones. */
export const verbsByClass = {
  destroys: [
    'delete', 'destroy', 'terminate', 'drop', 'purge', 'remove', 'truncate', 'erase', 'wipe', 'trash', 'expunge', 'deregister', 'bulkdelete',
  ],
  discovers: ['describe', 'list', 'search', 'lookup', 'enumerate', 'discover', 'head', 'watch', 'aggregatedlist', 'testiam'],
  reads: ['get', 'read', 'download', 'batchget', 'scan', 'query', 'select', 'view', 'fetch', 'export'],
  runs: ['exec', 'invoke', 'runcommand'],
  writes: [
    'create', 'put', 'update', 'modify', 'add', 'set', 'insert', 'patch', 'write', 'start', 'stop', 'reboot', 'attach', 'detach', 'tag', 'untag',
    'register', 'upload', 'copy', 'associate', 'disassociate', 'enable', 'disable', 'allocate', 'release', 'authorize', 'revoke', 'import',
    'restore', 'replace', 'rotate', 'cancel', 'post', 'send', 'deploy',
  ],
} as const;

/** Of what is destroyed, that which nobody can bring back, or by which all else would be brought back. */
export const lastResorts: readonly string[] = [
  'snapshot', 'backup', 'recovery', 'restore', 'vault', 'cryptokey', 'schedulekeydeletion', 'disablekey', 'dbinstance', 'dbcluster', 'database',
  'deletebucket', 'replication', 'lifecycle',
];

/** Parts of a path that ordinary callers of an interface have no business in. */
export const tellingSegments: readonly string[] = [
  'admin', 'administrator', 'internal', 'actuator', 'debug', 'console', 'credentials', 'secrets', 'backup', 'dump', 'permissions', '.env', '.git',
  'impersonate', 'phpmyadmin', 'wp-admin',
];
