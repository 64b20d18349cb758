import type { EffectsStore } from '../store/port.ts';
import type { ExecutorEvent } from './executor-event.ts';
import type { Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** While the switch is on people are told again, lest it be forgotten. */
const tellEveryMs = 3_600_000;
const stateKey = 'respond.kill_switch';

/** Within a transaction: it is known, and noted, that the switch stands so; empty: off. */
export function noteSwitch(effects: Pick<EffectsStore, 'setMeta'>, state: string): void {
  effects.setMeta(stateKey, state);
}

/** Notes when the kill switch was turned on or off, by whatever hand. */
export class SwitchWatch {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #report: (event: ExecutorEvent) => void;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(world: World, ledger: Ledger, report: (event: ExecutorEvent) => void) {
    this.#world = world;
    this.#ledger = ledger;
    this.#report = report;
  }

  /** What is noted once stays noted over restarts. Throws `StoreError`. */
  look(): void {
    const stopped = this.#world.stopped();
    const { effects } = this.#ledger;
    const nowMs = this.#ledger.now();
    const state = stopped?.why ?? '';
    if ((effects.getMeta(stateKey) ?? '') !== state) {
      this.#ledger.transact(() => {
        noteSwitch(effects, state);
        const kind = stopped === null ? 'kill_switch.off' : 'kill_switch.on';
        return { intents: [], audit: [{ timeMs: nowMs, kind, actor: stopped?.by ?? 'file', subject: 'kill_switch', detail: { why: stopped?.why ?? null } }] };
      });
    }
    if (stopped === null) this.#toldMs = Number.NEGATIVE_INFINITY;
    else if (Math.abs(nowMs - this.#toldMs) >= tellEveryMs) {
      this.#toldMs = nowMs;
      this.#report({ kind: 'page', reason: stopped.why === 'set' ? 'kill_switch_on' : 'kill_switch_unreadable', subject: 'kill_switch' });
    }
  }
}
