import type { Observer } from './observer.ts';
import type { Script } from './script.ts';
import type { World } from './world/world.ts';

/** What a story is played on. */
export interface Stage {
  readonly world: World;
  readonly observer: Observer;
  readonly script: Script;
  /** How long to wait for the plan to be carried out: a person may have to click. */
  readonly actWithinMs: number;
  /** Pause between what people do, so that somebody can follow. */
  readonly breathMs: number;
  /** Called after each step of a story: tests do there what must change nothing. */
  readonly between: (stage: Stage) => Promise<void>;
}

/** The steps of a story, one after the other. */
export async function inOrder(stage: Stage, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) {
    await step();
    await stage.between(stage);
  }
}
