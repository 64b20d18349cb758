import type { IdentityKind } from '../../../model/event.ts';
import { isUniqueId } from './aws-cloudtrail-tables.ts';

/** The caller as `userIdentity` describes it. */
export interface Caller {
  readonly type: string | null;
  readonly principalId: string | null;
  readonly arn: string | null;
  readonly account: string | null;
  readonly userName: string | null;
  readonly invokedBy: string | null;
  readonly provider: string | null;
  readonly issuerPrincipalId: string | null;
  readonly issuerArn: string | null;
  readonly issuerName: string | null;
  readonly onBehalfOf: string | null;
  /** Signed in at the console or with a second factor: a person sits there. */
  readonly isPerson: boolean;
}

export interface Principal { readonly id: string | null; readonly kind: IdentityKind | null; readonly name: string | null }

const nobody: Principal = { id: null, kind: null, name: null };

/**
 * The stable principal behind a caller. Role sessions belong to their role, except those of IAM Identity
 * Center, whose session name is the person.
 */
export function principalOf(caller: Caller): Principal {
  switch (caller.type) {
    case 'AssumedRole': return roleOf(caller);
    case 'IAMUser': return userOf(caller);
    case 'Root': return caller.account === null ? nobody : { id: `aws:${caller.account}:root`, kind: 'human', name: 'root' };
    case 'FederatedUser': return caller.arn === null ? nobody : { id: caller.arn, kind: 'unknown', name: lastPart(caller.arn) };
    case 'SAMLUser': return federated(caller, 'human');
    case 'WebIdentityUser': return federated(caller, 'workload');
    case 'IdentityCenterUser': return personOf(caller);
    case 'AWSAccount': return foreign(caller);
    case 'AWSService': return service(caller);
    case null: return service(caller);
    default: return nobody;
  }
}

function userOf(caller: Caller): Principal {
  const kind = caller.isPerson ? 'human' : 'service';
  const name = caller.userName ?? lastPart(caller.arn);
  return byUniqueId(caller, caller.principalId, kind, name) ?? byArn(caller.arn, kind, name);
}

function personOf(caller: Caller): Principal {
  if (caller.onBehalfOf === null) return nobody;
  return { id: `aws:identity-center:${caller.onBehalfOf}`, kind: 'human', name: caller.userName };
}

function roleOf(caller: Caller): Principal {
  const name = caller.issuerName ?? roleName(caller.arn);
  const uniqueId = caller.issuerPrincipalId ?? divide(caller.principalId)[0];
  const role = byUniqueId(caller, uniqueId, 'role', name) ?? byArn(caller.issuerArn ?? caller.arn, 'role', name);
  const isPerson = name?.startsWith('AWSReservedSSO_') === true;
  const person = isPerson ? divide(caller.principalId)[1] ?? sessionName(caller.arn) : null;
  return person === null || role.id === null ? role : { id: `${role.id}:${person}`, kind: 'human', name: person };
}

/** By the unique id, which a renaming does not change and a name given again does not share; `null` without one. */
function byUniqueId({ account }: Caller, uniqueId: string | null, kind: IdentityKind, name: string | null): Principal | null {
  if (uniqueId === null || account === null || !isUniqueId(uniqueId)) return null;
  return { id: `aws:${account}:${uniqueId}`, kind, name };
}

function byArn(arn: string | null, kind: IdentityKind, name: string | null): Principal {
  return arn === null ? nobody : { id: kind === 'role' ? roleArnOf(arn) : arn, kind, name };
}

function federated(caller: Caller, kind: IdentityKind): Principal {
  if (caller.userName === null) return nobody;
  return { id: `${caller.provider ?? `aws:${caller.account ?? ''}`}|${caller.userName}`, kind, name: caller.userName };
}

/** A caller of another account: only its unique id and account are told. */
function foreign(caller: Caller): Principal {
  if (isAnonymous(caller)) return nobody;
  const [uniqueId] = divide(caller.principalId);
  const kind = uniqueId?.startsWith('AROA') === true ? 'role' : 'unknown';
  return byUniqueId(caller, uniqueId, kind, null) ?? byArn(caller.arn, kind, null);
}

/** AWS itself, by the name of the service. */
function service(caller: Caller): Principal {
  const name = caller.invokedBy;
  return name === null ? nobody : { id: `aws:service:${name}`, kind: 'provider', name };
}

/** Nobody signed the request. */
export function isAnonymous(caller: Caller): boolean {
  return caller.account === 'ANONYMOUS_PRINCIPAL' || caller.account === 'anonymous' || caller.principalId === 'ANONYMOUS_PRINCIPAL';
}

/** `AROA...:session` in its two halves. */
function divide(principalId: string | null): readonly [string | null, string | null] {
  const colon = principalId?.indexOf(':') ?? -1;
  if (principalId === null || colon < 0) return [principalId, null];
  return [principalId.slice(0, colon) || null, principalId.slice(colon + 1) || null];
}

/** Principal of the role that an `AssumeRole` response names, `null` when the response does not. */
export function assumedPrincipal(assumedRoleId: string | null, sessionArn: string | null): string | null {
  const account = sessionArn?.split(':', 5)[4] ?? null;
  const caller: Caller = {
    type: 'AssumedRole', principalId: assumedRoleId, arn: sessionArn, account: account === '' ? null : account, userName: null,
    invokedBy: null, provider: null,
    issuerPrincipalId: null, issuerArn: null, issuerName: null, onBehalfOf: null, isPerson: false,
  };
  return roleOf(caller).id;
}

function lastPart(arn: string | null): string | null {
  return arn?.slice(arn.lastIndexOf('/') + 1) || null;
}
function roleName(sessionArn: string | null): string | null {
  return sessionArn?.split('/', 3)[1] || null;
}
function sessionName(sessionArn: string | null): string | null {
  return sessionArn?.split('/', 3)[2] || null;
}
/** `arn:aws:sts::1:assumed-role/Name/session` without the session: one id for all sessions of the role. */
function roleArnOf(arn: string): string {
  if (!arn.includes(':assumed-role/')) return arn;
  const parts = arn.split('/', 3);
  return parts.length < 3 ? arn : `${parts[0]}/${parts[1]}`;
}
