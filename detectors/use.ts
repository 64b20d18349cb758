import type { TokenEvent } from '../src/model/event.ts';

/** A token was presented and accepted: the use that addresses and dormancy are judged by. */
export function isSuccessfulUse(event: TokenEvent): boolean {
  return event.authenticated !== false && event.outcome === 'success' && event.token !== null
    && (event.lifecycle === 'used' || event.lifecycle === 'issued');
}

export const dayMs = 86_400_000;

/** Whole seconds since the epoch; never below 1, so that 0 can mean "not yet". */
export function secondsOf(timeMs: number): number {
  return Math.max(1, Math.floor(timeMs / 1000));
}

/** Days since the epoch; never below 1, so that 0 can mean "not yet". */
export function dayOf(timeMs: number): number {
  return Math.max(1, Math.floor(timeMs / dayMs));
}
