import type { Intent } from '../../model/intent.ts';

/** What policy would have proposed in the period, and what that would have broken. Nothing of it was done. */
export interface ResponseSummary {
  readonly steps: number;
  readonly tokens: number;
  /** How far each step would have gone: `enforce` by itself, `approve` once people agreed, `observe` only shown, `refused` not at all. */
  readonly byMode: Readonly<Record<string, number>>;
  readonly byRule: Readonly<Record<string, number>>;
  /** Such as `deny by gateways`. */
  readonly byAction: Readonly<Record<string, number>>;
  /** Why steps were to go less far than the policy says, or not at all. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Other users whom steps that may be carried out would have cut off: name and tokens. A pin leaves them where they are. */
  readonly cutOff: readonly { readonly name: string; readonly workload: string | null; readonly tokens: readonly string[] }[];
}

export function summarizeResponse(intents: readonly Intent[]): ResponseSummary {
  return {
    steps: intents.length, tokens: new Set(intents.map(({ target }) => target.token)).size,
    byMode: counted(intents, ({ mode, refused }) => (refused === null ? mode : 'refused')),
    byRule: counted(intents, ({ rule }) => rule), byAction: counted(intents, ({ kind, action }) => `${kind} by ${action}`),
    reasons: counted(intents, ({ refused, lowered }) => refused ?? lowered),
    cutOff: cutOffBy(intents.filter(({ kind, mode, refused }) => refused === null && mode !== 'observe' && (kind === 'deny' || kind === 'revoke'))),
  };
}

function counted(intents: readonly Intent[], nameOf: (intent: Intent) => string | null): Record<string, number> {
  const counts = new Map<string, number>();
  for (const intent of intents) {
    const name = nameOf(intent);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)));
}

function cutOffBy(intents: readonly Intent[]): ResponseSummary['cutOff'] {
  const users = new Map<string, { name: string; workload: string | null; tokens: Set<string> }>();
  for (const { dependents, target } of intents) {
    for (const { name, workloadId, suspect } of dependents) {
      if (suspect) continue;
      const user = users.get(name) ?? { name, workload: workloadId, tokens: new Set() };
      user.tokens.add(target.handle ?? target.token);
      users.set(name, user);
    }
  }
  return [...users.values()].map((user) => ({ ...user, tokens: [...user.tokens].toSorted() })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
