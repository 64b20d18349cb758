import type { EffectsStore } from '../../store/port.ts';

const key = 'replay.since';

/**
 * Marks in the store where a run began, until it ends. A run that finds the mark of an interrupted one
 * continues it, so that its results are those of the whole.
 */
export function beginRun(effects: EffectsStore): number {
  const interrupted = effects.getMeta(key);
  if (interrupted !== null && interrupted !== '') return Number(interrupted);
  const since = effects.lastChange();
  effects.setMeta(key, String(since));
  return since;
}

export function endRun(effects: EffectsStore): void {
  effects.setMeta(key, '');
}
