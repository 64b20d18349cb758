import type { TokenEvent } from '../../model/event.ts';
import { tokenId } from '../token-id.ts';
import type { NormalizeContext } from './format.ts';

/** Names that a secret store's database engine makes up, by its own templates: `v-approle-orders-…`, `V_APPROLE_ORDERS_…`. */
const madeUp = /^v[-_][a-z0-9_-]{18,253}$/i;

/** Fingerprint of a database user who was made for one lease, as store and database both know him; `null` for any other name. */
export function leasedUser(context: NormalizeContext, name: string | null): string | null {
  // Databases fold names that nobody quoted.
  return name !== null && madeUp.test(name) ? tokenId(context, 'database-user', 'plain', name.toUpperCase()) : null;
}

/** Such a user is a credential by himself: whoever works under his name was given it with the lease. */
export function presentedByLease(event: TokenEvent, name: string | null, context: NormalizeContext): void {
  const user = leasedUser(context, name);
  if (user === null || event.token !== null) return;
  event.token = user;
  event.tokenKind = 'opaque';
  event.tokenHandle = name;
  event.lifecycle = event.outcome === 'failure' && event.authenticated === false ? 'refused' : 'used';
}
