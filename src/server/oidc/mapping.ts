import { isReserved, type Account } from '../accounts.ts';
import { roles, type Role } from '../api/shapes-service.ts';
import type { LoginProof } from '../step-up.ts';

/** How claims become an account. */
export interface ClaimMapping {
  /** Keys that lead to the name, one inside the other. */
  readonly nameClaim: readonly string[];
  readonly rolesClaim: readonly string[];
  /** The values that give each role; the highest counts. */
  readonly roles: Readonly<Partial<Record<Role, readonly string[]>>>;
}

const maxValues = 1_000;

/** Who the claims speak of; `no_name`, `no_role` where they do not say it in a way that we can use. */
export function accountOf(claims: Readonly<Record<string, unknown>>, mapping: ClaimMapping): Account | 'no_name' | 'no_role' {
  const name = nameOf(valueAt(claims, mapping.nameClaim));
  if (name === null) return 'no_name';
  const given = valueAt(claims, mapping.rolesClaim);
  const values = (Array.isArray(given) ? given : [given]).slice(0, maxValues);
  const role = roles.findLast((one) => mapping.roles[one]?.some((value) => values.includes(value)));
  return role === undefined ? 'no_role' : { name, role };
}

/** When and how the person showed who they are (OpenID Connect Core 1.0, 2: `auth_time`, `acr`). */
export function proofOf({ auth_time: seconds, acr }: Readonly<Record<string, unknown>>): LoginProof {
  return { authenticatedMs: Number.isSafeInteger(seconds) ? seconds as number * 1000 : null, acr: typeof acr === 'string' ? acr : null };
}

/** In small letters: who differs in them only would look like two people, and two are needed for some approvals. */
function nameOf(value: unknown): string | null {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  return /^[a-z0-9][a-z0-9._@-]{0,63}$/.test(name) && !isReserved(name) ? name : null;
}

function valueAt(claims: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
