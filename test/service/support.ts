import type { Clock, Observer, ServiceParts } from '../../src/service/parts.ts';

export const silent: Observer = {
  taken: () => undefined, committed: () => undefined, checkpointed: () => undefined, stopped: () => undefined, wentOn: () => undefined,
  diverged: () => undefined, note: () => undefined,
};
export const unchanging: ServiceParts['settings'] = { pending: () => null, follow: () => undefined };
export const uncommanded: ServiceParts['commands'] = { next: () => null };
export const unasked: ServiceParts['restarts'] = { perform: () => Promise.resolve(), end: () => undefined };

/** Steps of a few milliseconds for each look, so that work is cut into many commits. Real sleeps only give way to others. */
export function steppingClock(fromMs: number, stepMs: number): Clock {
  let nowMs = fromMs;
  return { nowMs: () => nowMs += stepMs, sleep: giveWay, wake: () => undefined };
}

export function giveWay(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
