import type { TokenKind } from '../model/event.ts';
import type { LifetimeLimit, PosturePolicy } from '../model/posture.ts';

const [minuteMs, dayMs] = [60_000, 24 * 3_600_000];

/** Credentials that somebody made to last. */
export const lastingKinds: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);
/** Not shown to any resource, only exchanged for what is. */
export const exchangedKinds: ReadonlySet<TokenKind> = new Set(['refresh', 'session', 'none']);

/** Keys and what is exchanged for tokens 90 days, access tokens 15 minutes: where no line of the operator's own fits. */
const defaultLimits: readonly LifetimeLimit[] = [
  { kinds: [...lastingKinds, 'refresh'], labels: [], limitMs: 90 * dayMs },
  { kinds: [], labels: [], limitMs: 15 * minuteMs },
];

export const defaultPolicy: PosturePolicy = { limits: [], longLivedMs: 365 * dayMs, unusedMs: 30 * dayMs, dormantMs: 90 * dayMs, exceptions: [] };

/** How long a credential of this kind with these labels may live, in ms. */
export function limitFor({ limits }: PosturePolicy, kind: TokenKind, labels: readonly string[]): number {
  const fits = (limit: LifetimeLimit): boolean => (limit.kinds.length === 0 || limit.kinds.includes(kind))
    && (limit.labels.length === 0 || limit.labels.some((label) => labels.includes(label)));
  return (limits.find(fits) ?? defaultLimits.find(fits) as LifetimeLimit).limitMs;
}
