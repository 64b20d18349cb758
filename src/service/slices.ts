import { setImmediate as turn } from 'node:timers/promises';

/** Looked at in one turn. */
const slice = 200;

/** Does it to everything that a walk gives, in slices so that the engine gets its turns. */
export async function inSlices<T>(walk: Iterable<T>, does: (one: T) => void): Promise<void> {
  let count = 0;
  for (const one of walk) {
    does(one);
    if (++count % slice === 0) await turn();
  }
}
