import type { DeniedBy } from '../../model/denial.ts';
import type { TokenKind } from '../../model/event.ts';
import type { Intent, Target } from '../../model/intent.ts';
import type { ListAnswer, ListRequest } from '../deny-list/deny-list.ts';
import type { Liveness, Verdict } from '../port.ts';
import type { Declaration } from './declaration.ts';

export interface DenyListSettings {
  /** By which ids tokens may be named, the first that a token has. `subject` and `client` hit all tokens of theirs. */
  readonly by: readonly DeniedBy[];
  /** Whether gateways fetch the list, and so say what they have. */
  readonly isFetched: boolean;
  /** How often they fetch it. */
  readonly exposureMs: number;
}

/** Kinds whose handle is a `jti`. */
const named: ReadonlySet<TokenKind> = new Set(['jwt', 'opaque', 'refresh', 'kubernetes']);
/** What maps and log lines of gateways can hold. */
const plain = /^[\x21-\x7e]{1,512}$/;

/** Puts one token on the list that gateways decide by. A pin names the places from which it goes on. */
export const denyList: Declaration<DenyListSettings, ListRequest, ListAnswer> = {
  type: 'deny_list',
  needsToken: false,
  kinds: () => ['pin', 'deny'],
  facts: ({ exposureMs }) => ({
    effect: 'Gateways refuse the token at the next request: everywhere, or when pinned outside its own networks and workloads. '
      + 'Running downloads go on, but at HAProxy with `cut`.',
    delay: 'As soon as each gateway has fetched the list.',
    undo: 'The entry is taken off the list.',
    rights: 'None: gateways read the list.',
    exposureMs,
  }),
  fits: (target, _kind, { by }) => (nameOf(target, by) === null ? 'no_public_id' : null),
  request: (intent, { by }) => {
    const { by: chosen, value } = nameOf(intent.target, by)!;
    const keep = intent.kind === 'pin' ? { networks: intent.keepNetworks, workloads: intent.keepWorkloads } : null;
    return { kind: 'put', denial: { intentId: intent.id, by: chosen, value, issuer: intent.target.issuer, keep, untilMs: intent.target.expiresAtMs } };
  },
  classify: listVerdict,
  verify: {
    isPossible: ({ isFetched }) => isFetched,
    request: ({ id }) => ({ kind: 'ask', intentId: id }),
    classify: livenessOf,
  },
  undo: {
    request: ({ id }) => ({ kind: 'remove', intentId: id }),
    classify: listVerdict,
  },
};

function nameOf(target: Target, allowed: readonly DeniedBy[]): { readonly by: DeniedBy; readonly value: string } | null {
  for (const by of allowed) {
    const value = valueOf(target, by);
    if (value !== null && plain.test(value)) return { by, value };
  }
  return null;
}

function valueOf({ tokenKind, handle, sha256, userId, client }: Target, by: DeniedBy): string | null {
  switch (by) {
    case 'jti': return named.has(tokenKind) ? handle : null;
    case 'sha256': return sha256?.toLowerCase() ?? null;
    case 'subject': return userId;
    case 'client': return client;
  }
}

function listVerdict(answer: ListAnswer): Verdict {
  switch (answer.kind) {
    case 'put': case 'removed': return { kind: 'done' };
    case 'known': case 'absent': return { kind: 'already' };
    case 'unwritten': return { kind: 'retry', reason: 'file_not_written' };
    case 'refused': return { kind: 'failed', reason: answer.reason };
    case 'standing': return { kind: 'failed', reason: 'action_error' };
  }
}

/**
 * The token works where a gateway has a list without the entry; it is dead once all of them have a number with it. Taken back, it works
 * again once all have the list as it is now.
 */
function livenessOf(answer: ListAnswer, { undoing, target }: Intent): Liveness {
  if (answer.kind !== 'standing') return 'unknown';
  const { since, number, held, nowMs } = answer;
  const have = (least: number) => (one: number | null): boolean => one !== null && one >= least;
  if (since !== null) return held.every(have(since)) ? 'dead' : held.some((one) => one !== null && one < since) ? 'alive' : 'unknown';
  // Entries of tokens that have ended leave the list by themselves.
  if (target.expiresAtMs !== null && target.expiresAtMs <= nowMs) return 'dead';
  if (undoing) return held.every(have(number)) ? 'alive' : 'unknown';
  return held.some((one) => one !== null) ? 'alive' : 'unknown';
}
