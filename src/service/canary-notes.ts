import type { EffectsStore } from '../store/port.ts';
import type { CanaryUses } from './canaries.ts';

const key = 'watch.canaries';

export type NoteStore = Pick<EffectsStore, 'getMeta' | 'setMeta'>;

/** When each canary was last seen, as the store has it: also for `doctor`, and after a restart. */
export function canaryUses(store: Pick<NoteStore, 'getMeta'>): CanaryUses {
  return JSON.parse(store.getMeta(key) ?? '{}') as CanaryUses;
}

/** A store that cannot be written is told of by the loop, whose next commit fails as well. */
export function keepCanaryUses(store: NoteStore, uses: CanaryUses): void {
  try {
    store.setMeta(key, JSON.stringify({ ...canaryUses(store), ...uses }));
  } catch {
    // What a watch would say of it is said.
  }
}
