import type { RespondSettings, Rule } from '../config/policy.ts';
import type { EffectsStore } from '../store/port.ts';
import type { DeskRefusal } from './desk-refusal.ts';
import type { Written } from './ledger.ts';
import { enforcementHash } from './policy-hash.ts';
import { matchWords, stepWords } from './rule-words.ts';

const stateKey = 'respond.enforcement';
/** The second person agrees within this time of the first. */
const waitsMs = 24 * 3_600_000;
/** Rules, and former ones, whose agreements are kept; of more the oldest go. */
const maxKept = 500;
const neededPeople = 2;

/** A rule that says `enforce`. `by`: who has agreed to it as it stands now. */
export interface Enforced {
  readonly rule: string;
  /** Of what is agreed to: the rule, those before it, and the limits. */
  readonly hash: string;
  readonly isInForce: boolean;
  /** What it is for, and what it does, in words. */
  readonly match: string;
  readonly plan: readonly string[];
  readonly by: readonly string[];
}

interface Agreement { readonly by: readonly string[]; readonly atMs: number }
type Agreements = Readonly<Record<string, Agreement>>;

export interface EnforcementParts {
  readonly effects: Pick<EffectsStore, 'getMeta' | 'setMeta' | 'transact'>;
  /** The policy in force; it may be reloaded. */
  readonly rules: () => readonly Rule[];
  readonly limits: Pick<RespondSettings, 'caps' | 'maxDependents'>;
}

/**
 * Whether rules that say `enforce` may act by themselves: those that a data folder began with, and those that two people have agreed to
 * since. Until then such a rule is as good as `approve`. What was agreed to is the rule as it stood, after those before it.
 */
export class Enforcement {
  readonly #parts: EnforcementParts;

  constructor(parts: EnforcementParts) {
    this.#parts = parts;
  }

  /** A service was started over this data folder. */
  get hasBegun(): boolean {
    return this.#parts.effects.getMeta(stateKey) !== null;
  }

  /** The first start of a data folder takes its configuration at its word. Throws `StoreError`. */
  begin(nowMs: number): void {
    const { effects } = this.#parts;
    if (this.hasBegun) return;
    effects.transact(() => {
      const rules = this.#hashes(this.#parts.rules());
      const agreements = rules.map(({ hash }): [string, Agreement] => [hash, { by: ['configuration', 'first start'], atMs: nowMs }]);
      effects.setMeta(stateKey, JSON.stringify(Object.fromEntries(agreements)));
      return {
        audit: rules.map(({ rule, hash }) => ({ timeMs: nowMs, kind: 'policy.enforced', actor: 'policy', subject: rule, detail: { hash, by: 'first_start' } })),
      };
    });
  }

  isInForce(rule: string): boolean {
    return this.list().some((one) => one.rule === rule && one.isInForce);
  }

  /** `rules`: those in force, or others that are to be. */
  list(rules: readonly Rule[] = this.#parts.rules()): Enforced[] {
    const kept = this.#kept();
    return this.#hashes(rules).map(({ rule, hash, match, plan }) => {
      const by = kept[hash]?.by ?? [];
      return { rule, hash, by, match, plan, isInForce: by.length >= neededPeople };
    });
  }

  /** Within a transaction: the account agrees that the rule acts by itself. `seen`: hash of what the account was shown. */
  agree(rule: string, account: string, seen: string, nowMs: number): Written | DeskRefusal {
    const found = this.list().find((one) => one.rule === rule);
    if (found === undefined) return 'unknown_rule';
    if (found.hash !== seen) return 'changed';
    if (found.isInForce) return 'not_waiting';
    const kept = this.#kept();
    const former = kept[seen];
    const isStanding = former !== undefined && Math.abs(nowMs - former.atMs) <= waitsMs;
    if (isStanding && former.by.includes(account)) return 'already_approved';
    const agreement: Agreement = { by: [...isStanding ? former.by : [], account], atMs: isStanding ? former.atMs : nowMs };
    const newest = Object.entries({ ...kept, [seen]: agreement }).sort(([, a], [, b]) => b.atMs - a.atMs).slice(0, maxKept);
    this.#parts.effects.setMeta(stateKey, JSON.stringify(Object.fromEntries(newest)));
    const kind = agreement.by.length >= neededPeople ? 'policy.enforced' : 'policy.agreed';
    return { intents: [], audit: [{ timeMs: nowMs, kind, actor: account, subject: rule, detail: { hash: seen, people: agreement.by.length } }] };
  }

  /** Within a transaction: what was agreed to is taken back. Stopping needs no second person. */
  withdraw(rule: string, account: string, nowMs: number): Written | DeskRefusal {
    const found = this.list().find((one) => one.rule === rule);
    if (found === undefined) return 'unknown_rule';
    if (found.by.length === 0) return 'not_waiting';
    const { [found.hash]: _, ...kept } = this.#kept();
    this.#parts.effects.setMeta(stateKey, JSON.stringify(kept));
    return { intents: [], audit: [{ timeMs: nowMs, kind: 'policy.withdrawn', actor: account, subject: rule, detail: { hash: found.hash } }] };
  }

  #hashes(rules: readonly Rule[]): Omit<Enforced, 'isInForce' | 'by'>[] {
    return rules.filter(({ mode, plan }) => mode === 'enforce' && plan.length > 0)
      .map(({ name, match, plan }) => ({
        rule: name, hash: enforcementHash(rules, name, this.#parts.limits), match: matchWords(match), plan: plan.map(stepWords),
      }));
  }

  #kept(): Agreements {
    return JSON.parse(this.#parts.effects.getMeta(stateKey) ?? '{}') as Agreements;
  }
}
