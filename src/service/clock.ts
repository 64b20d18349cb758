import type { Timing } from '../sinks/deliver.ts';
import type { Clock } from './parts.ts';

/** The machine's clock, whose sleep ends early when somebody wakes it. */
export function systemClock(): Clock {
  let wake = (): void => undefined;
  let woken = false;
  return {
    nowMs: () => Date.now(),
    wake: () => {
      woken = true;
      wake();
    },
    sleep: (ms) => new Promise((resolve) => {
      if (woken || ms === 0) {
        woken = false;
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        woken = false;
        resolve();
      };
    }),
  };
}

export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
