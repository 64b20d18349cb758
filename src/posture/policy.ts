import type { TokenKind } from '../model/event.ts';

const [minuteMs, dayMs] = [60_000, 24 * 3_600_000];

/** How long credentials may live. Empty lists fit any kind, any label. */
export interface LifetimeLimit {
  readonly kinds: readonly TokenKind[];
  /** One of the labels of the operator's inventory. */
  readonly labels: readonly string[];
  readonly limitMs: number;
}

/** What is held to be wrong. */
export interface PosturePolicy {
  /** The first that fits holds. */
  readonly limits: readonly LifetimeLimit[];
  readonly longLivedMs: number;
  /** Not used for so long after it was issued. */
  readonly unusedMs: number;
  /** Not used for so long after its last use. */
  readonly dormantMs: number;
}

/** Credentials that somebody made to last. */
export const lastingKinds: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);
/** Not shown to any resource, only exchanged for what is. */
export const exchangedKinds: ReadonlySet<TokenKind> = new Set(['refresh', 'session', 'none']);

/** Access tokens 15 minutes, keys and what is exchanged for tokens 90 days: where no line of the operator's own fits. */
export const defaultLimits: readonly LifetimeLimit[] = [
  { kinds: [...lastingKinds, 'refresh'], labels: [], limitMs: 90 * dayMs },
  { kinds: [], labels: [], limitMs: 15 * minuteMs },
];

export const defaultPolicy: PosturePolicy = { limits: defaultLimits, longLivedMs: 365 * dayMs, unusedMs: 30 * dayMs, dormantMs: 90 * dayMs };

export function limitFor({ limits }: PosturePolicy, kind: TokenKind, labels: readonly string[]): number {
  const fits = (limit: LifetimeLimit): boolean => (limit.kinds.length === 0 || limit.kinds.includes(kind))
    && (limit.labels.length === 0 || limit.labels.some((label) => labels.includes(label)));
  return limits.find(fits)?.limitMs ?? Infinity;
}
