import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';

export const keyScopes: readonly KeyScope[] = ['token', 'identity', 'source+client', 'resource', 'workload', 'account'];

/** Scopes whose records belong to one caller: only these continue in a shadow when the caller deviates. */
export const ownScopes: ReadonlySet<KeyScope> = new Set(['token', 'identity', 'source+client']);

/** Pairs remembered before the memory starts afresh: bounds what invented agents can fill. */
const maxPairs = 65_536;
const pairs = new Map<string, Map<string, string>>();
let pairCount = 0;

/** One shared string per (network, client) pair, so that a hit allocates nothing. A pure memo. */
function sourceClientKey(block: string, client: string): string {
  let clients = pairs.get(block);
  const known = clients?.get(client);
  if (known !== undefined) return known;
  if (pairCount >= maxPairs) {
    pairs.clear();
    clients = undefined;
    pairCount = 0;
  }
  if (clients === undefined) pairs.set(block, clients = new Map());
  const key = `${block}|${client}`;
  clients.set(client, key);
  pairCount++;
  return key;
}

/** The key of an event in a scope; `null` where the event has none. */
export function keyOf(scope: KeyScope, event: TokenEvent): string | null {
  switch (scope) {
    case 'token': return event.token;
    case 'identity': return event.identityId;
    case 'source+client': return event.networkBlock === null ? null : sourceClientKey(event.networkBlock, event.userAgent ?? '');
    case 'resource': return event.resourceId;
    case 'workload': return event.workloadId;
    case 'account': return event.cloudAccount ?? event.organization ?? event.tokenIssuer;
  }
}
