/** What kind of credential was presented. `none`: the call carried no token. */
export type TokenKind =
  | 'access_key' | 'temporary_key' | 'jwt' | 'opaque' | 'refresh' | 'api_key' | 'session'
  | 'service_account_key' | 'vault' | 'kubernetes' | 'certificate' | 'none';

export type IdentityKind = 'human' | 'service' | 'role' | 'client' | 'workload' | 'provider' | 'unknown';
export type WorkloadEvidence = 'event' | 'registry' | 'inventory';
export type Outcome = 'success' | 'failure' | 'unknown';
export type Vantage = 'edge' | 'gateway' | 'resource' | 'flow' | 'iam';
export type Lifecycle = 'issued' | 'used' | 'rotated' | 'revoked' | 'expired' | 'refused' | 'leaked' | 'granted';
/** What is known of the network an address belongs to. `private`: the operator's own or an RFC 1918 range. */
export type NetworkClass = 'private' | 'hosting' | 'vpn' | 'tor' | 'isp' | 'provider' | 'unknown';

/**
 * One use, issuance or change of a token, in one fixed shape: every field is always
 * present and `null` when the log does not say. Times are epoch milliseconds, UTC.
 * Secrets never appear here: `token*` and `issued*` hold fingerprints and public handles.
 */
export interface TokenEvent {
  // Where it was read.
  /** Name of the configured source; the format id where none is configured. */
  source: string;
  /** `log.file.path`, as given; a topic or `-` where it is no file. */
  path: string | null;
  /** Byte offset of the record (or of its enclosing document) in the decompressed stream. */
  offset: number;
  /** Place within the enclosing array or envelope, from 0; `null` for a record that stands alone. */
  index: number | null;

  // What it is.
  id: string;
  /** The format's id, or the foreign dataset that `ecs` input brought along. */
  dataset: string;
  module: string | null;
  provider: string | null;
  action: string | null;
  category: readonly string[] | null;
  type: readonly string[] | null;
  outcome: Outcome;
  code: string | null;
  reason: string | null;

  // When.
  /** When the activity was asked for. */
  timeMs: number;
  /** When it ended, if told. */
  endMs: number | null;
  /** When the record was complete: what order, lateness and age go by. */
  orderMs: number;

  // From where.
  sourceAddress: string | null;
  sourceIp: string | null;
  sourcePort: number | null;
  userAgent: string | null;
  /** Filled by enrichment. */
  asNumber: number | null;
  asOrganization: string | null;
  country: string | null;
  /** Canonical block of the address: the routed prefix, the operator's subnet, else /24 or /48. */
  networkBlock: string | null;
  networkClass: NetworkClass | null;
  /** Name the operator gave to the network, where one matches. */
  networkName: string | null;
  /** Id of the private way that the call came by: a VPC endpoint, a private link, the caller's own virtual network. */
  privatePath: string | null;

  // Who called.
  userId: string | null;
  userName: string | null;
  userEmail: string | null;
  targetUserId: string | null;
  targetUserName: string | null;
  effectiveUserId: string | null;
  effectiveUserName: string | null;

  // What was called.
  method: string | null;
  requestId: string | null;
  /** Of the trace (W3C `traceparent`) that the request belongs to, where the log tells it beside a request id. */
  traceId: string | null;
  status: number | null;
  responseBytes: number | null;
  urlPath: string | null;
  urlDomain: string | null;
  cloudProvider: string | null;
  cloudAccount: string | null;
  cloudRegion: string | null;
  service: string | null;
  organization: string | null;
  resourceId: string | null;
  resourceKind: string | null;
  /** The path with its variable segments named, such as `/orders/{id}`. Filled by correlation. */
  route: string | null;
  /** What stood in the place of the variable segments, `/` between them. Filled by correlation. */
  objectId: string | null;
  /** How the operator classes the data behind the resource. */
  dataClass: string | null;
  /** Bytes that left the resource towards the caller. */
  bytesOut: number | null;
  /** Words in and out as a language model counts them (its "tokens"). */
  modelTokens: number | null;
  /** What it cost, or a charge, in `costCurrency`. */
  cost: number | null;
  /** ISO 4217; `null`: not told. */
  costCurrency: string | null;
  /** The account, organization or address that something was given, shared or copied to; `*`: everybody. */
  targetAccount: string | null;
  /** `source.bytes` and `destination.bytes` of a flow. */
  sourceBytes: number | null;
  destinationBytes: number | null;

  // The token that was presented.
  token: string | null;
  tokenHandle: string | null;
  tokenKind: TokenKind;
  tokenIssuer: string | null;
  issuedAtMs: number | null;
  expiresAtMs: number | null;
  scopes: readonly string[] | null;
  roles: readonly string[] | null;
  audience: readonly string[] | null;
  keyId: string | null;
  boundTo: string | null;
  /** Fingerprints of other ids of the same token. */
  aliases: readonly string[] | null;
  parent: string | null;
  /** Field of the log in which the token itself stood: whoever reads the log has it. */
  tokenSeenIn: string | null;
  /** The authenticator's verdict; `null` when it cannot be told. */
  authenticated: boolean | null;
  vantage: Vantage;
  /** Covers part of a request that is still running. */
  partial: boolean;
  lifecycle: Lifecycle | null;

  // The token that this event issued, if any.
  issued: string | null;
  issuedHandle: string | null;
  issuedKind: TokenKind | null;
  issuedExpiresAtMs: number | null;
  issuedAliases: readonly string[] | null;
  /** Whose the issued token is, which need not be the caller: an assumed role, the user who gets a key. `null`: the log does not say. */
  issuedIdentityId: string | null;
  /**
   * Fingerprint of the token that this event revoked, where it is not the one presented: then the call is a use of the presented one as
   * well.
   */
  revoked: string | null;

  // What the token was issued from, where it is told by a name and not by a token.
  /** Under which name others will tell what they issue for the token that this event issued, else presented: its subject, a shared call. */
  offers: string | null;
  /** By which such name this event tells what its issued token, else its presented one, was issued from. */
  takes: string | null;
  /** Authority that minted what is offered or taken. */
  linkIssuer: string | null;

  // Whose it is. Filled by the format where the log says so, else by correlation.
  identityId: string | null;
  identityKind: IdentityKind | null;
  identityName: string | null;
  workloadId: string | null;
  workloadKind: string | null;
  workloadEvidence: WorkloadEvidence | null;
  /** Who probably called, where the log names neither token nor caller: a guess by address, client and resource, to be shown and no more. */
  likelyIdentityId: string | null;
  /** How sure that guess is, in percent: never 100. */
  likelyPercent: number | null;
}

/**
 * An event with nothing known but the fields given. Formats fill the rest; starting
 * from one literal keeps every event in the same hidden class.
 */
export function emptyEvent(dataset: string, timeMs: number): TokenEvent {
  return {
    source: dataset, path: null, offset: 0, index: null,
    id: '', dataset, module: null, provider: null, action: null, category: null, type: null,
    outcome: 'unknown', code: null, reason: null,
    timeMs, endMs: null, orderMs: timeMs,
    sourceAddress: null, sourceIp: null, sourcePort: null, userAgent: null,
    asNumber: null, asOrganization: null, country: null,
    networkBlock: null, networkClass: null, networkName: null, privatePath: null,
    userId: null, userName: null, userEmail: null, targetUserId: null, targetUserName: null,
    effectiveUserId: null, effectiveUserName: null,
    method: null, requestId: null, traceId: null, status: null, responseBytes: null, urlPath: null, urlDomain: null,
    cloudProvider: null, cloudAccount: null, cloudRegion: null, service: null, organization: null,
    resourceId: null, resourceKind: null, route: null, objectId: null, dataClass: null, bytesOut: null,
    modelTokens: null, cost: null, costCurrency: null, targetAccount: null, sourceBytes: null, destinationBytes: null,
    token: null, tokenHandle: null, tokenKind: 'none', tokenIssuer: null, issuedAtMs: null, expiresAtMs: null,
    scopes: null, roles: null, audience: null, keyId: null, boundTo: null, aliases: null, parent: null, tokenSeenIn: null,
    authenticated: null, vantage: 'gateway', partial: false, lifecycle: null,
    issued: null, issuedHandle: null, issuedKind: null, issuedExpiresAtMs: null, issuedAliases: null,
    issuedIdentityId: null, revoked: null, offers: null, takes: null, linkIssuer: null,
    identityId: null, identityKind: null, identityName: null,
    workloadId: null, workloadKind: null, workloadEvidence: null, likelyIdentityId: null, likelyPercent: null,
  };
}
