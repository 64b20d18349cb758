/** What the logs of Azure and Entra ID have in common: who minted a token, whose log it is, what a caller's claims say. */
import type { TokenEvent, TokenKind } from '../../../model/event.ts';
import { configuredIssuer } from '../../token-id.ts';
import { firstOf, jsonIn, path, type Path } from '../../paths.ts';
import { text } from '../../values.ts';
import type { NormalizeContext, Value } from '../format.ts';
import { auditEvent, calledBy } from '../audit.ts';

/**
 * The authority that mints a tenant's tokens, as tokens of version 1 name it. Those of version 2 name
 * `https://login.microsoftonline.com/<tenant>/v2.0`: where gateways see them, the operator configures that issuer.
 */
export function entraIssuer(tenant: string | null, context: NormalizeContext): string {
  return configuredIssuer(context.source) ?? (tenant === null ? 'entra' : `https://sts.windows.net/${tenant.toLowerCase()}/`);
}

/** An event of a Microsoft service. `writtenMs`: when the record was written, where that is told apart from what it tells of. */
export function microsoftEvent(id: string, product: string, timeMs: number, writtenMs: number | null, context: NormalizeContext): TokenEvent {
  const event = auditEvent(id, product, timeMs, 'iam', context);
  event.provider = 'microsoft';
  event.cloudProvider = 'azure';
  if (writtenMs !== null && writtenMs > timeMs) event.orderMs = writtenMs;
  return event;
}

/** One path for each of the names that Microsoft gives a value in all its shapes. */
export function namedPaths<N extends string>(names: readonly N[], make: (name: N) => Path<Value>): { readonly [K in N]: Path<Value> } {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as { [K in N]: Path<Value> };
}

/** `requestId` as a column of Log Analytics is called. */
export function columnOf(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}

const subscriptionPath = /^\/subscriptions\/([^/]{1,64})(?:\/|$)/i;

/** Subscription that a resource stands in. */
export function subscriptionOf(resourceId: string | null): string | null {
  return resourceId === null ? null : subscriptionPath.exec(resourceId)?.[1]?.toLowerCase() ?? null;
}

/** Azure writes the same resource in capitals or not: ids compare in small letters. */
export function resourceOf(event: TokenEvent, resourceId: string | null, kind: string): void {
  if (resourceId === null) return;
  event.resourceId = resourceId.toLowerCase();
  event.resourceKind = kind;
  event.cloudAccount = subscriptionOf(resourceId);
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export function isGuid(id: string | null): boolean {
  return id !== null && guid.test(id);
}

const emptyGuid = '00000000-0000-0000-0000-000000000000';
/** An object's id; the GUID of zeros stands for none. */
export function objectId(value: Value): string | null {
  const id = text(value);
  return id === emptyGuid ? null : id;
}

const claim = 'http://schemas.microsoft.com/identity/claims/';
const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const claimNames = {
  oid: ['oid', `${claim}objectidentifier`], upn: ['upn', `${soap}upn`, `${soap}emailaddress`], name: ['name'], appid: ['appid', 'azp'],
  tid: [`${claim}tenantid`, 'tid'], uti: ['uti'], iat: ['iat'], exp: ['exp'], idtyp: ['idtyp'], scp: [`${claim}scope`, 'scp'],
  mirid: ['xms_mirid'],
} as const;

/** Paths of the claims that Azure copies out of the caller's token, in an object or, with `isText`, in JSON inside a string. */
export function claimPaths(keys: readonly string[], isText = false): { readonly [K in keyof typeof claimNames]: Path<Value> } {
  const at = (name: string): Path<Value> => (isText ? jsonIn(keys, path(name)) : path(...keys, name));
  return Object.fromEntries(Object.entries(claimNames).map(([name, options]) =>
    [name, firstOf(...options.map(at))])) as { [K in keyof typeof claimNames]: Path<Value> };
}

export type ClaimValues = { readonly [K in keyof typeof claimNames]: Value };

/** Who a token's claims say called: a managed identity, an application, or a person. */
export function calledWithClaims(event: TokenEvent, claims: ClaimValues, issuer: string): void {
  const oid = objectId(claims.oid);
  const upn = text(claims.upn);
  const appId = text(claims.appid);
  const resource = text(claims.mirid);
  const isApp = claims.idtyp === 'app' || resource !== null || upn === null && claims.name === null && claims.scp === null;
  event.userId = oid ?? (isApp ? appId : null);
  event.userName = upn ?? text(claims.name) ?? appId;
  event.userEmail = upn?.includes('@') === true ? upn : null;
  const kind = resource !== null ? 'workload' : isApp ? 'client' : 'human';
  calledBy(event, issuer, event.userId, kind, isApp ? appId : upn ?? text(claims.name));
  if (resource !== null) runsAsManagedIdentity(event, resource);
}

export function runsAsManagedIdentity(event: TokenEvent, workload: string): void {
  event.workloadId = workload.toLowerCase();
  event.workloadKind = 'azure_managed_identity';
  event.workloadEvidence = 'event';
}

/** Kind of the credential that a service principal showed to get a token. */
export function credentialKind(name: string | null): TokenKind {
  const lower = name?.toLowerCase() ?? '';
  if (lower.includes('secret')) return 'api_key';
  return lower.includes('certificate') ? 'certificate' : lower.includes('assertion') || lower.includes('federated') ? 'jwt' : 'service_account_key';
}
