import type { Detector, KeyScope } from '../model/detector.ts';
import type { StateLayout } from '../model/state.ts';
import { ownScopes } from './keys.ts';

/** A caller's own records, and shared ones that the detector can merge when what deviated is accepted. */
export function keepsShadow(detector: Detector, scope: KeyScope): boolean {
  return detector.state[scope] !== undefined && (ownScopes.has(scope) || detector.accept?.[scope] !== undefined);
}

/** Where the shadow of one key's record stands. */
export function shadowRowKey(shadowKey: string, key: string): string {
  return `${shadowKey}|${key}`;
}

/** The records of one scope side by side: whoever keeps one there. */
export function partsOf(scope: KeyScope, detectors: readonly { readonly detector: Detector }[]): Record<string, StateLayout> {
  const parts: Record<string, StateLayout> = {};
  for (const { detector } of detectors) {
    const layout = detector.state[scope];
    if (layout !== undefined) parts[detector.id] = layout;
  }
  return parts;
}
