import type { Exception } from '../../src/model/exception.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { InventoryEntry } from '../../src/model/inventory.ts';
import type { ListedCredential, Listing } from '../../src/model/listing.ts';
import { fingerprint, issuance, second, startMs, use } from '../correlate/support.ts';

/** Days from the beginning of the planned estate to its end, at which it is judged; and an earlier day at which it is judged too. */
export const endDay = 500;
export const earlierDay = endDay - 35;
export const day = 24 * 3600;
export const atDay = (days: number): number => startMs + days * day * second;

/** What a credential is planned to be: made by hand here, with nothing of the code that judges. Days before the end. */
export interface Archetype {
  readonly name: string;
  /** Flaws at the end and at the earlier day, those that cannot be told with a question mark; `null`: it does not exist then. */
  readonly end: readonly string[] | null;
  readonly earlier: readonly string[] | null;
  build(part: Part): void;
}

/** Where one credential is built. */
export interface Part {
  readonly name: string;
  readonly token: string;
  readonly identity: string;
  readonly workload: string;
  /** Issues the credential so many days before the end, to end so many days after it. */
  issue(bornDays: number, leftDays: number | null, more?: Partial<TokenEvent>): void;
  /** Uses it weekly between two days before the end, both included. */
  uses(fromDays: number, toDays: number, more?: Partial<TokenEvent>): void;
  event(days: number, more: Partial<TokenEvent>): void;
  /** The line in the operator's inventory, over what every good one has. */
  entry(more?: Partial<InventoryEntry>): void;
  listed(more?: Partial<ListedCredential>): void;
  exception(): void;
}

export interface Plan {
  readonly events: readonly TokenEvent[];
  readonly inventory: readonly InventoryEntry[];
  readonly listings: readonly Listing[];
  readonly exceptions: readonly Exception[];
  /** By handle: the flaws that are planned. */
  readonly truth: ReadonlyMap<string, { readonly archetype: string; readonly end: readonly string[] | null; readonly earlier: readonly string[] | null }>;
}

export const listedIssuer = 'keys.example';

/** So many credentials of each archetype. Only keys of `listedIssuer` are in a provider's listing. */
export function planEstate(archetypes: readonly Archetype[], each: number): Plan {
  const [events, inventory, credentials, exceptions]: [TokenEvent[], InventoryEntry[], ListedCredential[], Exception[]] = [[], [], [], []];
  const truth = new Map<string, { archetype: string; end: readonly string[] | null; earlier: readonly string[] | null }>();
  archetypes.forEach((archetype, kind) => {
    for (let i = 0; i < each; i++) {
      const name = `c${kind}-${i}`;
      truth.set(name, { archetype: archetype.name, end: archetype.end, earlier: archetype.earlier });
      archetype.build(partOf(name, events, inventory, credentials, exceptions));
    }
  });
  events.sort((a, b) => a.orderMs - b.orderMs);
  return { events, inventory, exceptions, truth, listings: [{ issuer: listedIssuer, account: null, kinds: ['api_key'], takenMs: atDay(endDay) - 1, credentials }] };
}

function partOf(
  name: string, events: TokenEvent[], inventory: InventoryEntry[], credentials: ListedCredential[], exceptions: Exception[],
): Part {
  const [identity, workload] = [`id-${name}`, `spiffe://example.org/${name}`];
  const seconds = (days: number): number => Math.round((endDay - days) * day);
  const base: Partial<TokenEvent> = {
    tokenKind: 'api_key', tokenHandle: name, tokenIssuer: listedIssuer, identityId: identity, identityKind: 'service', networkBlock: '10.1.0.0/24',
    workloadId: workload, workloadKind: 'spiffe', workloadEvidence: 'event', method: 'GET', resourceId: 'orders',
  };
  const part: Part = {
    name, token: name, identity, workload,
    issue(bornDays, leftDays, more = {}) {
      const made = issuance(name, null, seconds(bornDays), {
        issuedKind: 'api_key', issuedHandle: name, tokenIssuer: listedIssuer, issuedIdentityId: identity,
        issuedExpiresAtMs: leftDays === null ? null : atDay(endDay + leftDays), identityId: 'admin', identityKind: 'human', ...more,
      });
      events.push(made);
    },
    uses(fromDays, toDays, more = {}) {
      for (let days = fromDays; days > toDays; days -= 7) part.event(days, more);
      part.event(toDays, more);
    },
    event: (days, more) => { events.push(use(name, seconds(days), { ...base, ...more })); },
    entry: (more = {}) => inventory.push({ match: { handle: name }, workload: null, kind: null, owner: 'team', reviewMs: atDay(endDay + 60), ...more }),
    listed: (more = {}) => credentials.push({
      handle: name, identity, name: null, kind: 'api_key', createdMs: null, lastUsedMs: null, expiresMs: null, isActive: true, owner: null, isOrphaned: false,
      scopes: null, ...more,
    }),
    exception: () => exceptions.push({
      name, kind: 'break-glass', match: { handle: name }, detectors: ['unfamiliar-ip'], networks: [], reason: 'drill', author: 'a', approver: 'b',
      fromMs: atDay(endDay - 20), untilMs: atDay(endDay + 20),
    }),
  };
  return part;
}

export { fingerprint };
