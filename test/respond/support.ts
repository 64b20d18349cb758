import { join } from 'node:path';
import type { Caps, Rule } from '../../src/config/policy.ts';
import type { NeverRevoke as Entry } from '../../src/config/policy-schema.ts';
import type { Intent, Proposal, Target } from '../../src/model/intent.ts';
import type { Timing } from '../../src/outbound/timing.ts';
import type { ExecutorEvent } from '../../src/respond/executor-event.ts';
import { Desk } from '../../src/respond/desk.ts';
import { Enforcement } from '../../src/respond/enforcement.ts';
import { Executor } from '../../src/respond/executor.ts';
import { KillSwitch } from '../../src/respond/kill-switch.ts';
import { Ledger } from '../../src/respond/ledger.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import type { Action, Liveness, Verdict } from '../../src/respond/port.ts';
import type { Moved } from '../../src/respond/rotation.ts';
import { World } from '../../src/respond/world.ts';
import type { Store } from '../../src/store/open.ts';

export const minuteMs = 60_000;
export const beginMs = Date.UTC(2026, 5, 1, 2, 14);

/** A clock that only goes on when told to. */
export class ManualTiming implements Timing {
  nowMs = beginMs;
  chance = 0.5;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  now(): number { return this.nowMs; }
  random(): number { return this.chance; }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => { this.#timers = this.#timers.filter((other) => other !== timer); };
  }

  /** Lets everything happen that happens in this time. */
  async pass(milliseconds: number): Promise<void> {
    const endMs = this.nowMs + milliseconds;
    await giveWay();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
      await giveWay();
    }
    this.nowMs = endMs;
  }

  #next(endMs: number) {
    return this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

export async function giveWay(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}

/** A provider in memory: what it was asked to do, by idempotency key, and which tokens live. */
export class Provider {
  readonly calls: { readonly id: string; readonly token: string; readonly atMs: number; readonly undo: boolean }[] = [];
  readonly dead = new Set<string>();
  /** Answers to give before it does what it is asked, first first. */
  script: Verdict[] = [];
  /** It says it did, and did not. */
  lies = false;
  isDown = false;

  action(name: string, timing: Timing, change: Partial<Action> = {}): Action {
    const act = async (intent: Intent, undo: boolean): Promise<Verdict> => {
      this.calls.push({ id: intent.id, token: intent.target.token, atMs: timing.now(), undo });
      if (this.isDown) throw new Error('a secret of the other side');
      const told = this.script.shift();
      if (told !== undefined) return told;
      if (!this.lies) this.dead[undo ? 'delete' : 'add'](intent.target.token);
      return { kind: 'done' };
    };
    return {
      name, type: 'test', kinds: ['pin', 'deny', 'revoke', 'notify'], fits: () => null,
      facts: { effect: 'ends it', delay: 'none', undo: 'brings it back', rights: 'none', exposureMs: 15 * minuteMs },
      perform: (intent) => act(intent, false), undo: (intent) => act(intent, true),
      probe: async (intent): Promise<Liveness> => (this.dead.has(intent.target.token) ? 'dead' : 'alive'), ...change,
    };
  }
}

export function targetOf(token: string, change: Partial<Target> = {}): Target {
  return {
    token, handle: `handle-${token}`, tokenKind: 'jwt', issuer: 'https://sso.example.com', identityId: `id-${token}`, identityName: `name-${token}`,
    userId: null, client: 'rates', sha256: null, expiresAtMs: null, ...change,
  };
}

export function proposalOf(token: string, change: Partial<Proposal> = {}): Proposal {
  const step = change.step ?? 0;
  return {
    id: `${token}-${step}`, planId: `plan-${token}`, step, kind: 'revoke', action: 'provider', mode: 'enforce', rule: 'stolen', policyHash: 'policy',
    incidentId: 'incident', alertId: 'alert', severity: 73, reason: 'It was used elsewhere.', target: targetOf(token), dependents: [],
    keepNetworks: [], keepWorkloads: [], provenMs: beginMs, lowered: null, refused: null, decidedMs: beginMs, ...change,
  };
}

export interface RigOptions {
  readonly caps?: Partial<Caps>;
  readonly never?: readonly Entry[];
  readonly actions?: readonly Action[];
  readonly isKnown?: (token: string) => boolean;
  readonly isWhole?: () => boolean;
  readonly usedTokens?: number;
  readonly policyHash?: string;
  readonly rules?: readonly Rule[];
  /** Intents that would break others by now. */
  readonly breaking?: readonly string[];
  /** Who has not moved to a rotation's new credential. */
  readonly moved?: (intent: Intent) => Moved;
  readonly byHand?: (intent: Intent, nowMs: number, enforcement: Enforcement) => string | null;
}

/** Everything that acts, over a store, with a clock and a provider of the test's own. */
export class Rig {
  readonly timing: ManualTiming;
  readonly provider: Provider;
  readonly store: Store;
  readonly events: ExecutorEvent[] = [];
  readonly killSwitch: KillSwitch;
  readonly world: World;
  readonly enforcement: Enforcement;
  readonly ledger: Ledger;
  readonly desk: Desk;
  readonly executor: Executor;
  commands = 0;

  constructor(store: Store, options: RigOptions = {}, timing = new ManualTiming(), provider = new Provider()) {
    const { caps = {}, never = [], actions, isKnown = () => true, isWhole = () => true, usedTokens = 0 } = options;
    const { policyHash = 'policy', rules = [], breaking = [], moved = () => ({ waitingFor: [], suspects: [] }), byHand = () => null } = options;
    this.store = store;
    this.timing = timing;
    this.provider = provider;
    this.killSwitch = new KillSwitch(join(store.dir, 'kill-switch'));
    const { effects } = store;
    this.enforcement = new Enforcement({ effects, rules: () => rules, limits: { caps: { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0.005 }, maxDependents: 1 } });
    this.world = new World({
      wouldBreak: ({ id }) => breaking.includes(id),
      moved: (intent) => moved(intent),
      whyByHand: (intent, nowMs) => byHand(intent, nowMs, this.enforcement),
      effects, isKnown, policyHash, killSwitch: this.killSwitch, neverRevoke: new NeverRevoke(never), maxEvidenceAgeMs: 15 * minuteMs,
      actions: new Map((actions ?? [provider.action('provider', timing)]).map((action) => [action.name, action])),
      caps: { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0.005, ...caps }, usedSince: () => usedTokens,
    });
    this.ledger = new Ledger({ effects, now: () => timing.now(), onNotes: () => this.executor.wake(), onCommands: () => { this.commands++; } });
    this.desk = new Desk({ ledger: this.ledger, world: this.world, killSwitch: this.killSwitch, enforcement: this.enforcement });
    this.executor = new Executor({
      ledger: this.ledger, world: this.world, timing, isWhole, report: (event) => { this.events.push(event); },
    });
  }

  /** Proposes, as the engine does with its effects. */
  propose(...proposals: readonly Proposal[]): void {
    this.store.effects.transact(() => ({ proposals }));
  }

  start(): void {
    void this.executor.start();
  }

  async stop(): Promise<void> {
    const stopped = this.executor.stop(0);
    await this.timing.pass(0);
    await stopped;
  }

  intent(id: string): Intent {
    const intent = this.store.effects.responses.intent(id);
    if (intent === null) throw new Error(`there is no intent ${id}`);
    return intent;
  }

  stands(id: string): string {
    const { state, why } = this.intent(id);
    return why === null ? state : `${state}: ${why}`;
  }

  /** Kinds of the notes on one subject, in order. */
  notes(subject: string): string[] {
    return [...this.store.effects.responses.audit()].filter((entry) => entry.subject === subject).map(({ kind }) => kind);
  }

  pages(): string[] {
    return this.events.flatMap((event) => (event.kind === 'page' ? [event.reason] : []));
  }
}
