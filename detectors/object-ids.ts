import { hashText } from '../src/stats/hash.ts';

/** Longest number that is exact. */
const mostDigits = 15;

/** The number at the end of an object's id; -1 where it ends with none, or with one too long to be exact. */
export function numberIn(objectId: string): number {
  let value = 0;
  let digits = 0;
  let factor = 1;
  for (let at = objectId.length - 1; at >= 0; at -= 1) {
    const code = objectId.charCodeAt(at);
    if (code === 47) break;
    if (code < 48 || code > 57 || digits === mostDigits) return -1;
    value += (code - 48) * factor;
    factor *= 10;
    digits += 1;
  }
  return digits === 0 ? -1 : value;
}

/** Segments of a path after which the id of a customer stands. */
const owners: ReadonlySet<string> = new Set([
  'customers', 'customer', 'tenants', 'tenant', 'accounts', 'account', 'orgs', 'organizations', 'organisations', 'companies', 'merchants', 'clients',
  'workspaces', 'shops', 'stores', 'teams', 'members', 'patients', 'subscribers', 'users', 'user',
]);

/** Routes met before: whether the first variable segment is an owner. Each has a place of its own. */
const places = 4_096;
const routes = Array.from({ length: places }, () => '');
const owned = Array.from({ length: places }, () => false);

/** Whose object it is: what stands in the first variable segment, where the segment before it says so. `null`: the path does not tell. */
export function ownerIn(objectId: string, route: string | null): string | null {
  if (route === null || !beginsWithOwner(route)) return null;
  const slash = objectId.indexOf('/');
  return slash < 0 ? objectId : objectId.slice(0, slash);
}

function beginsWithOwner(route: string): boolean {
  const place = hashText(route) & (places - 1);
  if (routes[place] !== route) {
    routes[place] = route;
    const segments = route.split('/');
    const first = segments.findIndex((segment) => segment.startsWith('{'));
    owned[place] = first > 0 && owners.has((segments[first - 1] ?? '').toLowerCase());
  }
  return owned[place] as boolean;
}
