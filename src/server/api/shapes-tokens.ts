import type { IdentityKind, NetworkClass, TokenKind, WorkloadEvidence } from '../../model/event.ts';
import type { ActivityView } from './shapes-activity.ts';

/* Shapes of the API that tell of tokens. Times are epoch milliseconds, UTC. */

export interface NetworkView {
  /** CIDR form. */
  readonly block: string;
  readonly name: string | null;
  readonly asNumber: number | null;
  readonly asOrganization: string | null;
  readonly country: string | null;
  readonly class: NetworkClass | null;
}

/** One user of an identity's tokens in one network, as far as it is remembered. */
export interface UseView {
  /** The workload, else the client program. */
  readonly user: string;
  readonly isWorkload: boolean;
  readonly network: NetworkView | null;
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Beginnings of the weeks in which it went on, the oldest first; at most 64. */
  readonly weeks: readonly number[];
  /** Those met first. */
  readonly resources: readonly string[];
  /** It is of an alert's own network, or came after an alert began. */
  readonly suspect: boolean;
}

export interface IdentityView {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly name: string | null;
  /** Who answers for it, by the operator's inventory. */
  readonly owner: string | null;
  readonly account: string | null;
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
  /** Tokens of it that are known. */
  readonly tokenCount: number | null;
}

export interface WorkloadView { readonly id: string; readonly kind: string | null; readonly evidence: WorkloadEvidence | null }

/** One thing that is wrong with a credential that is used as always, or may be: `isFact` false is to be shown as unknown. */
export interface FlawView {
  readonly kind: string;
  readonly title: string;
  readonly isFact: boolean;
  readonly detail: string;
  readonly owaspNhi: readonly string[];
  readonly remedy: string;
}

/** A token as one line of the inventory. */
export interface TokenSummary {
  readonly fingerprint: string;
  readonly kind: TokenKind;
  readonly handle: string | null;
  readonly issuer: string | null;
  readonly parent: string | null;
  readonly identity: IdentityView | null;
  readonly workload: WorkloadView | null;
  readonly issuedAtMs: number | null;
  /** The issuance itself was read, not only claimed. */
  readonly issueSeen: boolean;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly firstSeenMs: number;
  readonly lastUsedMs: number | null;
  /** Alerts not closed that name it. */
  readonly openAlerts: number;
  /** What is wrong with it now, the most pressing first. */
  readonly posture: readonly FlawView[];
}

export interface TokenPage {
  readonly tokens: readonly TokenSummary[];
  readonly total: number;
  readonly next: string | null;
  /** What the identity did that was asked for; `null` where none was, or nothing is kept of it. */
  readonly activity: ActivityView | null;
}
