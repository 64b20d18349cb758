import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import { PairTexts } from '../state/pair-texts.ts';

export const keyScopes: readonly KeyScope[] = ['token', 'identity', 'actor', 'source+client', 'resource', 'workload', 'account', 'network'];

/** Scopes whose records belong to one caller: these always continue in a shadow when the caller deviates. */
export const ownScopes: ReadonlySet<KeyScope> = new Set(['token', 'identity', 'actor', 'source+client']);

const sourceClients = new PairTexts('|');

/** The key of an event in a scope; `null` where the event has none. */
export function keyOf(scope: KeyScope, event: TokenEvent): string | null {
  switch (scope) {
    case 'token': return event.token;
    case 'identity':
    case 'actor': return event.identityId;
    case 'source+client': return event.networkBlock === null ? null : sourceClients.join(event.networkBlock, event.userAgent ?? '');
    case 'resource': return event.resourceId;
    case 'workload': return event.workloadId;
    case 'account': return event.cloudAccount ?? event.organization ?? event.tokenIssuer;
    case 'network': return event.networkBlock;
  }
}
