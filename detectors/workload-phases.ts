import type { TokenEvent } from '../src/model/event.ts';

/** What an intruder does one after the other, and a workload rarely begins to do: a bit each. */
export const phases = [
  { bit: 1, words: 'reads secrets', bits: 2 },
  { bit: 2, words: 'asks who it is and what it may', bits: 1.5 },
  { bit: 4, words: 'changes who may do what', bits: 2.5 },
  { bit: 8, words: 'runs commands or code elsewhere', bits: 2.5 },
  { bit: 16, words: 'gives data away to other accounts', bits: 2.5 },
  { bit: 32, words: 'switches logs or guards off', bits: 3 },
] as const;

/** Bit of the phase that is harmless by itself. */
export const askingPhase = 2;

const [secrets, whoAmI, rights, execution, sharing, defences] = [1, 2, 4, 8, 16, 32];

const byAction: Readonly<Record<string, number>> = {
  GetSecretValue: secrets, BatchGetSecretValue: secrets, GetParametersByPath: secrets, GetPasswordData: secrets, AccessSecretVersion: secrets,
  GetCallerIdentity: whoAmI, GetAccountAuthorizationDetails: whoAmI, ListAttachedUserPolicies: whoAmI, ListAttachedRolePolicies: whoAmI,
  GetAccountSummary: whoAmI, SimulatePrincipalPolicy: whoAmI, ListUsers: whoAmI, ListRoles: whoAmI, ListGroupsForUser: whoAmI,
  CreateUser: rights, CreateAccessKey: rights, CreateLoginProfile: rights, AttachUserPolicy: rights, AttachRolePolicy: rights, PutUserPolicy: rights,
  PutRolePolicy: rights, UpdateAssumeRolePolicy: rights, AddUserToGroup: rights, CreateRole: rights, SetIamPolicy: rights, CreateServiceAccountKey: rights,
  SendCommand: execution, StartSession: execution, CreateFunction20150331: execution, UpdateFunctionCode20150331v2: execution, RunInstances: execution,
  ModifySnapshotAttribute: sharing, ModifyImageAttribute: sharing, ModifyDBSnapshotAttribute: sharing, PutBucketPolicy: sharing, PutBucketAcl: sharing,
  PutBucketReplication: sharing,
  StopLogging: defences, DeleteTrail: defences, PutEventSelectors: defences, DeleteDetector: defences, UpdateDetector: defences, DeleteFlowLogs: defences,
  StopConfigurationRecorder: defences, DisableSecurityHub: defences,
};

const kubernetesKinds: Readonly<Record<string, number>> = {
  secret: secrets, selfsubjectaccessreviews: whoAmI, selfsubjectrulesreviews: whoAmI,
  rolebindings: rights, clusterrolebindings: rights, roles: rights, clusterroles: rights,
};

/** The bit of the phase that an event belongs to, 0: none. */
export function phaseOf({ action, resourceKind, resourceId, module, method }: TokenEvent): number {
  if (action === null) return 0;
  if (module === 'kubernetes') return kubernetesPhase(action, resourceKind ?? '', resourceId ?? '');
  if (Object.hasOwn(byAction, action)) return byAction[action] as number;
  return resourceKind === 'secret' && (method === null || method === 'GET') && !action.startsWith('List') ? secrets : 0;
}

function kubernetesPhase(verb: string, kind: string, resource: string): number {
  if (resource.endsWith('/exec') || resource.endsWith('/attach')) return execution;
  const bit = Object.hasOwn(kubernetesKinds, kind) ? kubernetesKinds[kind] as number : 0;
  // To read roles is what controllers do; to write them is not.
  return bit === rights && (verb === 'get' || verb === 'list' || verb === 'watch') ? 0 : bit;
}

/** Number of bits set. */
export function countPhases(mask: number): number {
  return phases.filter(({ bit }) => (mask & bit) !== 0).length;
}

/** The phases of a mask as a list in words. */
export function phasesInWords(mask: number): string {
  return phases.filter(({ bit }) => (mask & bit) !== 0).map(({ words }) => words).join(', ');
}

/** Bits of weight of the phases in a mask, together. */
export function weightOfPhases(mask: number): number {
  return phases.reduce((sum, { bit, bits }) => ((mask & bit) !== 0 ? sum + bits : sum), 0);
}
