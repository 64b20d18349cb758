import type { Announcement } from '../../src/model/alert.ts';

export const scriptLength = 240;
const alerts = 17;

/** The n-th change: alerts take turns, each time one version further. */
export function changeAt(at: number): { readonly id: string; readonly version: number } {
  return { id: `a${at % alerts}`, version: Math.floor(at / alerts) + 1 };
}

/** Every third version is announced again. */
export function announcementsAt(at: number): Announcement[] {
  const count = 1 + Math.floor((changeAt(at).version - 1) / 3);
  return Array.from({ length: count }, (_, timeMs) => ({ timeMs, severity: 47, reason: 'r', bytesOut: timeMs }));
}

/** Version and number of announcements of every alert at the end. */
export function finalState(): Map<string, { readonly version: number; readonly announced: number }> {
  const state = new Map<string, { version: number; announced: number }>();
  for (let at = 0; at < scriptLength; at++) {
    const { id, version } = changeAt(at);
    state.set(id, { version, announced: announcementsAt(at).length });
  }
  return state;
}
