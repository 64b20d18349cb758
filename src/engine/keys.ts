import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';

export const keyScopes: readonly KeyScope[] = ['token', 'identity', 'actor', 'source+client', 'resource', 'workload', 'account', 'network'];

/** Scopes whose records belong to one caller: these always continue in a shadow when the caller deviates. */
export const ownScopes: ReadonlySet<KeyScope> = new Set(['token', 'identity', 'actor', 'source+client']);

/** Direct-mapped: each pair has one place, and a newer pair takes it over. */
const places = 4096;
/** Network, client and both joined in turn: together, so that a look touches one place in memory. */
const pairs: string[] = Array.from({ length: 3 * places }, (_, at) => (at % 3 === 2 ? '|' : ''));
/** Characters of a text that choose its place: few, because an agent is long and nearly always the one that was there. */
const sampled = 12;

/** One shared string per (network, client) pair, so that a hit allocates nothing. A pure memo. */
function sourceClientKey(block: string, client: string): string {
  const at = 3 * ((Math.imul(sample(block), 0x9e3779b1) ^ sample(client)) & (places - 1));
  if (pairs[at] === block && pairs[at + 1] === client) return pairs[at + 2] as string;
  pairs[at] = block;
  pairs[at + 1] = client;
  return pairs[at + 2] = `${block}|${client}`;
}

function sample(text: string): number {
  const step = Math.max(1, Math.floor(text.length / sampled));
  let hash = text.length;
  for (let i = 0; i < text.length; i += step) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** The key of an event in a scope; `null` where the event has none. */
export function keyOf(scope: KeyScope, event: TokenEvent): string | null {
  switch (scope) {
    case 'token': return event.token;
    case 'identity':
    case 'actor': return event.identityId;
    case 'source+client': return event.networkBlock === null ? null : sourceClientKey(event.networkBlock, event.userAgent ?? '');
    case 'resource': return event.resourceId;
    case 'workload': return event.workloadId;
    case 'account': return event.cloudAccount ?? event.organization ?? event.tokenIssuer;
    case 'network': return event.networkBlock;
  }
}
