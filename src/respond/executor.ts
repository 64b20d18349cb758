import { isStuck, type Intent, type IntentState } from '../model/intent.ts';
import type { Timing } from '../outbound/timing.ts';
import type { IntentCursor } from '../store/port.ts';
import { Advance } from './advance.ts';
import type { ExecutorEvent } from './executor-event.ts';
import { criticalSeverity, laneOf, lanes } from './caps.ts';
import { Circuits } from './circuits.ts';
import { admit } from './gates.ts';
import { changed, noteOf, type Ledger, type Written } from './ledger.ts';
import { SwitchWatch } from './switch-watch.ts';
import type { World } from './world.ts';

/** So many intents are under way at once, each of another token. */
const maxUnderWay = 8;
/** So many are looked at in one stretch, so that the engine gets its turns. */
const admittedAtOnce = 100;
/** So many changes are followed before others get their turn. */
const pageRows = 500;
/** Looked around without being woken: intents may have come, or the clock may have been set. */
const idleMs = 1_000;

const toAdmit: ReadonlySet<IntentState> = new Set(['proposed', 'stale', 'waiting_approval']);
const toAdvance: ReadonlySet<IntentState> = new Set(['ready', 'sending', 'accepted']);
const unfinished: readonly IntentState[] = [...toAdmit, ...toAdvance];

export interface ExecutorParts {
  readonly ledger: Ledger;
  readonly world: World;
  readonly timing: Timing;
  readonly report: (event: ExecutorEvent) => void;
  /** What is known of tokens is whole. After a crash it is not, until what came since the last checkpoint has come again: then nothing is judged. */
  readonly isWhole: () => boolean;
}

/**
 * Does what policy proposed and the gates let through, by the wall clock. It follows the changes of intents in the store, so it
 * needs no word from who proposes; `wake` only makes it quicker. One intent of a token at a time is under way.
 * Running -> stopping (`stop`: nothing more is begun) -> stopped. What is under way when it is given up is found again by the next life.
 */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #advance: Advance;
  readonly #switch: SwitchWatch;
  readonly #abort = new AbortController();
  /** Intent -> when it is to be looked at, wall clock; the most severe first. */
  readonly #agenda = new Map<string, { readonly atMs: number; readonly severity: number }>();
  /** Changed while an intent of its token was under way. */
  readonly #touched = new Set<string>();
  /** Tokens of what is under way, with its end. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** How far the changes were followed, and those of critical intents. */
  #place: IntentCursor = { change: 0, id: '' };
  #seenCritical = 0;
  #isCaughtUp = false;
  #isStopping = false;
  #isWoken = false;
  #endPause: (() => void) | null = null;
  #failure: Error | null = null;
  #running: Promise<void> | null = null;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    const { ledger, world, timing, report } = parts;
    this.#advance = new Advance({ ledger, world, timing, report, circuits: new Circuits() });
    this.#switch = new SwitchWatch(world, ledger, report);
  }

  /** Something changed. */
  readonly wake = (): void => {
    this.#isWoken = true;
    this.#endPause?.();
  };

  /** Resolves when it has stopped. Rejects with a `StoreError` when the store cannot be used: then nothing more is done. */
  start(): Promise<void> {
    return this.#running ??= this.#run();
  }

  /** Nothing more is begun; what is under way gets `graceMs` to end. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.wake();
    const cancel = this.#parts.timing.after(graceMs, () => this.#abort.abort());
    await this.#running?.catch(() => undefined);
    cancel();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopping && this.#failure === null) await this.#turn();
    } catch (error) {
      this.#fail(error, 'executor');
    }
    await Promise.all(this.#underWay.values());
    if (this.#failure !== null) throw this.#failure;
  }

  async #turn(): Promise<void> {
    this.#isWoken = false;
    this.#switch.look();
    if (this.#parts.isWhole()) {
      await this.#follow();
      this.#begin();
    }
    await this.#pause();
  }

  /** Nothing more is begun, and somebody is called. */
  #fail(error: unknown, subject: string): void {
    if (this.#failure !== null) return;
    this.#failure = error instanceof Error ? error : new Error('an intent cannot be taken on', { cause: error });
    this.#parts.report({ kind: 'page', reason: 'store_failed', subject });
  }

  /** Takes note of what changed since the last look; at the start, of all that have not ended. The most severe come before any backlog. */
  async #follow(): Promise<void> {
    const { responses } = this.#parts.ledger.effects;
    const states = this.#isCaughtUp ? {} : { states: unfinished };
    const nowAt = this.#parts.ledger.effects.lastChange();
    await this.#takeIn(responses.intents({ ...states, changedSince: this.#seenCritical, severity: criticalSeverity }));
    this.#seenCritical = nowAt;
    this.#begin();
    const { intents, place } = responses.intentsAfter(this.#place, pageRows, states.states);
    await this.#takeIn(intents);
    this.#place = place;
    if (intents.length === pageRows) this.#isWoken = true;
    else if (!this.#isCaughtUp) {
      this.#isCaughtUp = true;
      // What ended before is of no more interest.
      this.#place = { change: nowAt, id: '' };
    }
  }

  async #takeIn(intents: readonly Intent[]): Promise<void> {
    await this.#admitAll([...intents.filter(({ state }) => toAdmit.has(state)), ...this.#overCap()]);
    for (const [place, intent] of intents.entries()) {
      if (place % admittedAtOnce === admittedAtOnce - 1) await giveWay();
      this.#note(intent);
    }
  }

  /** Once a cap was reached, what is ready by policy alone need not be looked at one by one. */
  #overCap(): Intent[] {
    const { ledger, world } = this.#parts;
    const open = new Set(lanes.filter((lane) => world.breakerSinceMs(lane) !== null));
    if (open.size === 0) return [];
    return ledger.effects.responses.intents({ states: ['ready'] }).filter(({ severity, approvals }) => approvals.length === 0 && open.has(laneOf(severity)));
  }

  async #admitAll(intents: readonly Intent[]): Promise<void> {
    const ids = intents.filter(({ undoing }) => !undoing).sort((a, b) => b.severity - a.severity).map(({ id }) => id);
    for (let at = 0; at < ids.length && !this.#isStopping; at += admittedAtOnce) {
      this.#admit(ids.slice(at, at + admittedAtOnce));
      await giveWay();
    }
  }

  #note(intent: Intent): void {
    const { id, state, target, severity } = intent;
    if (this.#underWay.has(target.token)) this.#touched.add(id);
    else if ((toAdvance.has(state) || isStuck(intent)) && !this.#agenda.has(id)) this.#agenda.set(id, { atMs: 0, severity });
    if (state === 'ready') return;
    // Others of the token may have waited for it.
    for (const other of this.#parts.ledger.effects.responses.intents({ token: target.token, states: ['ready'] })) {
      this.#agenda.set(other.id, { atMs: 0, severity: other.severity });
    }
  }

  #admit(ids: readonly string[]): void {
    const { ledger, world } = this.#parts;
    ledger.transact(() => {
      const written: { intents: Intent[]; audit: Written['audit'][number][] } = { intents: [], audit: [] };
      for (const id of ids) {
        const intent = ledger.effects.responses.intent(id);
        if (intent === null || intent.undoing || !toAdmit.has(intent.state) && (intent.state !== 'ready' || intent.approvals.length > 0)) continue;
        const { state, why, approvalsNeeded } = admit(intent, world.gatesFor(intent, ledger.now()));
        if (state === intent.state && why === intent.why && approvalsNeeded === intent.approvalsNeeded) continue;
        const next = changed(intent, { state, why, approvalsNeeded });
        written.intents.push(next);
        written.audit.push(noteOf(next, intent, 'executor', ledger.now()));
      }
      if (written.intents.length === 0) return null;
      this.#isWoken = true;
      return written;
    });
  }

  /** Begins what is due, earliest first, as far as there is room. */
  #begin(): void {
    const nowMs = this.#parts.ledger.now();
    if (this.#isStopping || this.#parts.world.isKilled()) return;
    const due = [...this.#agenda].filter(([, { atMs }]) => atMs <= nowMs).sort(([, a], [, b]) => b.severity - a.severity || a.atMs - b.atMs);
    for (const [id, { severity }] of due) {
      if (this.#underWay.size >= maxUnderWay) return;
      const token = this.#parts.ledger.effects.responses.intent(id)?.target.token;
      if (token === undefined || this.#underWay.has(token)) continue;
      this.#agenda.delete(id);
      this.#underWay.set(token, this.#look(id, token, severity));
    }
  }

  async #look(id: string, token: string, severity: number): Promise<void> {
    try {
      const againMs = await this.#advance.look(id, this.#abort.signal);
      if (againMs !== null) this.#agenda.set(id, { atMs: againMs, severity });
    } catch (error) {
      this.#fail(error, id);
    } finally {
      this.#underWay.delete(token);
      for (const touched of this.#touched) if (!this.#agenda.has(touched)) this.#agenda.set(touched, { atMs: 0, severity });
      this.#touched.clear();
      this.wake();
    }
  }

  #pause(): Promise<void> {
    const nowMs = this.#parts.ledger.now();
    // What is due and not begun waits for one that is under way to end.
    let nextMs = idleMs;
    for (const { atMs } of this.#agenda.values()) if (atMs > nowMs) nextMs = Math.min(nextMs, atMs - nowMs);
    return new Promise((resolve) => {
      if (this.#isWoken || this.#isStopping) return resolve();
      const end = (): void => {
        this.#endPause = null;
        cancel();
        resolve();
      };
      const cancel = this.#parts.timing.after(nextMs, end);
      this.#endPause = end;
    });
  }
}

function giveWay(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
