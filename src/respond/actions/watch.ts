import type { Dependent, Intent } from '../../model/intent.ts';
import type { Action } from '../port.ts';

/** Steps "watch" name it; no configured action may. */
export const watchName = 'watch';
/** So long uses go on after a step, by answers that gateways keep. */
const settlingMs = 15 * 60_000;
/** And so long afterwards nobody must be seen. */
const watchMs = 60 * 60_000;

/**
 * Built in: looks in the logs whether what deviates goes on after the steps before. Proven is that it does not; else somebody is called.
 * `users`: who was seen to use the token, the supposed thief marked.
 */
export function watchAction(users: (intent: Intent) => readonly Dependent[], now: () => number = Date.now): Action {
  return {
    name: watchName, type: watchName, kinds: ['watch'], undo: null, fits: () => null, perform: () => Promise.resolve({ kind: 'done' }),
    facts: {
      effect: 'Nothing is done to the token: an hour long the logs are looked at for further uses by what deviates.', delay: 'None.', undo: null,
      rights: 'None: the logs are read anyway.', exposureMs: settlingMs + watchMs,
    },
    probe: ({ sentMs, ...intent }) => {
      if (sentMs === null) return Promise.resolve('alive');
      if (now() < sentMs + settlingMs + watchMs) return Promise.resolve('unknown');
      const isSeen = users({ sentMs, ...intent }).some(({ suspect, lastSeenMs }) => suspect && lastSeenMs > sentMs + settlingMs);
      return Promise.resolve(isSeen ? 'alive' : 'dead');
    },
  };
}
