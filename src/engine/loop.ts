import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { State } from '../state/state.ts';
import type { EffectsStore, StateStore } from '../store/port.ts';
import type { Duplicates } from './duplicates.ts';
import type { EffectsBuffer } from './effects.ts';
import type { Engine, Processed } from './engine.ts';
import type { Positions } from './positions.ts';
import { Tail, type Input } from './tail.ts';

/** Ticks come at whole minutes of event time; a long silence is one tick. */
const tickMs = 60_000;
const clockKey = 'engine';

export interface LoopParts {
  readonly engine: Engine;
  readonly effects: EffectsBuffer;
  readonly positions: Positions;
  readonly duplicates: Duplicates;
  readonly state: State;
  /** Time of the last tick; one entity, checkpointed with the rest. */
  readonly clock: Entities<{ tickedMs: number }>;
  readonly effectsStore: EffectsStore;
  readonly stateStore: StateStore;
}

/**
 * Feeds the engine and keeps the store in step: effects and the journal of inputs in small transactions
 * at once, the state in checkpoints behind them. After a crash the state is as old as its checkpoint; the
 * inputs since then come again, in the order that the journal tells, and bring about the same effects. What comes again is not
 * journalled again, and no checkpoint is made before all of it has come: so a run that is killed meanwhile loses nothing of it.
 */
export class Loop {
  readonly #parts: LoopParts;
  readonly #tail: Tail;
  #tickedMs: number;
  #checkpoint: Promise<void> = Promise.resolve();

  constructor(parts: LoopParts) {
    this.#parts = parts;
    const clock = parts.clock.get(clockKey);
    this.#tickedMs = clock?.tickedMs ?? Number.NEGATIVE_INFINITY;
    this.#tail = new Tail(parts.effectsStore.journalSince(parts.stateStore.change()));
    this.#follow();
  }

  /** True once the inputs after a crash came in another order than before it. What was seen then may be judged anew. */
  get diverged(): boolean {
    return this.#tail.diverged;
  }

  /** What an interrupted run took next; `null` when all of it has come again. */
  get expected(): Input | null {
    return this.#tail.next;
  }

  /** Nothing of the interrupted run can be followed any more: what comes now is taken as it comes. */
  abandonExpected(): void {
    this.#tail.abandon();
    this.#follow();
  }

  /** Takes everything under one position of a live feed. Answers how many of its events were repetitions. */
  takeAll(feed: string, position: string, events: readonly TokenEvent[]): number {
    const { engine, effects, positions } = this.#parts;
    positions.set(feed, position);
    if (!this.#tail.expect('read', feed)) effects.read(feed);
    let repeated = 0;
    for (const event of events) if (engine.process(event) === 'duplicate') repeated++;
    this.#follow();
    return repeated;
  }

  /** Takes one event of a file, ticking first where event time passes a whole minute. */
  take(feed: string, ordinal: number, event: TokenEvent): Processed {
    const { engine, effects, positions } = this.#parts;
    if (!positions.advance(feed, event.orderMs, ordinal)) return 'duplicate';
    const minuteMs = Math.floor(event.orderMs / tickMs) * tickMs;
    if (minuteMs > this.#tickedMs) this.tick(minuteMs);
    if (!this.#tail.expect('read', feed)) effects.read(feed);
    const processed = engine.process(event);
    this.#follow();
    return processed;
  }

  tick(timeMs: number): void {
    this.#tickedMs = timeMs;
    if (!this.#tail.expect('tick', String(timeMs))) this.#parts.effects.consumed({ kind: 'tick', timeMs });
    this.#parts.engine.tick(timeMs);
    this.#follow();
  }

  /** Settings of this hash hold from here on. */
  configured(hash: string): void {
    if (!this.#tail.expect('configuration', hash)) this.#parts.effects.consumed({ kind: 'configuration', hash });
    this.#follow();
  }

  /** An operator's command takes effect here. */
  command(number: number): void {
    this.#tail.expect('command', String(number));
    this.#parts.effects.consumed({ kind: 'command', number });
    this.#apply(number);
    this.#follow();
  }

  /** The input has ended: whatever waits for more stands for itself. */
  end(): void {
    const tickedMs = this.#tickedMs;
    this.tick(Number.MAX_SAFE_INTEGER);
    this.#tickedMs = tickedMs;
  }

  /** Makes everything so far visible. */
  commit(): void {
    this.#parts.effects.commit(this.#parts.effectsStore);
  }

  /** Commits, then writes the state beside the ongoing work. Waits for a checkpoint that is still being written. */
  async checkpoint(): Promise<void> {
    await this.#checkpoint;
    this.commit();
    if (this.expected !== null) return;
    this.#checkpoint = this.#write();
    this.#checkpoint.catch(() => undefined);
  }

  /** Waits for the checkpoint under way. Throws what it failed with. */
  async settled(): Promise<void> {
    await this.#checkpoint;
  }

  /** Commands of an interrupted run take effect by themselves when their turn has come: nobody has to bring them again. */
  #follow(): void {
    for (let number = this.#tail.takeCommand(); number !== null; number = this.#tail.takeCommand()) this.#apply(number);
  }

  #apply(number: number): void {
    const { effectsStore, engine } = this.#parts;
    const command = effectsStore.responses.command(number);
    if (command !== null) engine.command(command, effectsStore.responses.wasTaken(number));
  }

  async #write(): Promise<void> {
    const { clock, duplicates, state, positions, effectsStore, stateStore } = this.#parts;
    duplicates.save();
    clock.set(clockKey, { tickedMs: this.#tickedMs });
    const change = effectsStore.lastChange();
    try {
      await stateStore.write({ change, ...state.takeDirty(), positions: positions.takeChanged() });
    } catch (error) {
      state.failed();
      throw error;
    }
    state.done();
    effectsStore.trimJournal(change);
  }
}
