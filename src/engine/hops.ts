import type { TokenEvent, Vantage } from '../model/event.ts';

/** One record of a request, as far as others are compared with it. */
export interface Hop {
  readonly rank: number;
  readonly source: string;
  readonly token: string | null;
  readonly identityId: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number | null;
  readonly ip: string | null;
  /** An authenticator vouched for the token. */
  readonly verified: boolean;
}

/** Clocks of two logs. */
export const skewMs = 2_000;
/** What stands behind may have read more than it gave on, but no other request's worth. */
const freeBytes = 1 << 20;

/** From outside to inside; -1 for what sees no requests (flows) or answers none of them (the issuer). */
const ranks: Readonly<Record<Vantage, number>> = { edge: 0, gateway: 1, resource: 2, flow: -1, iam: -1 };

export function rankOf(vantage: Vantage): number {
  return ranks[vantage];
}

export function hopOf(event: TokenEvent): Hop {
  const { source, token, identityId, timeMs, orderMs, bytesOut, sourceIp, authenticated } = event;
  const rank = rankOf(event.vantage);
  return { rank, source, token, identityId, startMs: timeMs, endMs: orderMs, bytes: bytesOut, ip: sourceIp, verified: authenticated === true };
}

/** The inner record lies within the time of the outer one. */
export function isWithin(inner: Hop, outer: Hop): boolean {
  return inner.startMs >= outer.startMs - skewMs && inner.endMs <= outer.endMs + skewMs;
}

/** Both speak for the same caller, or one of them tells nobody. */
export function isSameCaller(a: Hop, b: Hop): boolean {
  return a.token === null && a.identityId === null || b.token === null && b.identityId === null
    || a.token !== null && a.token === b.token || a.identityId !== null && a.identityId === b.identityId;
}

/** No more came out of the inner side than one such request can account for: else somebody only shows its id. `before`: bytes of its other hops. */
export function isProportionate(inner: Hop, outer: Hop, before = 0): boolean {
  return inner.bytes === null || outer.bytes === null || before + inner.bytes <= 2 * outer.bytes + freeBytes;
}

/**
 * Of what was observed of one token, each request once, by its outermost record. The answer is in the same order; the list itself where
 * no two records share a request.
 */
export function outermost(observations: readonly TokenEvent[]): readonly TokenEvent[] {
  const best = new Map<string, TokenEvent>();
  let shared = false;
  for (const event of observations) {
    const id = event.requestId ?? event.traceId;
    if (id === null || rankOf(event.vantage) < 0) continue;
    const known = best.get(id);
    if (known === undefined) best.set(id, event);
    else if (known.vantage !== event.vantage) {
      shared = true;
      if (rankOf(event.vantage) < rankOf(known.vantage)) best.set(id, event);
    }
  }
  if (!shared) return observations;
  return observations.filter((event) => {
    const id = event.requestId ?? event.traceId;
    const chosen = id === null || rankOf(event.vantage) < 0 ? undefined : best.get(id);
    return chosen === undefined || chosen === event || chosen.vantage === event.vantage || !belongs(event, chosen);
  });
}

function belongs(inner: TokenEvent, outer: TokenEvent): boolean {
  const [a, b] = [hopOf(inner), hopOf(outer)];
  return isWithin(a, b) && isProportionate(a, b);
}
