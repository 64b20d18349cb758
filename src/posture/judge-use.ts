import { environmentIn, production, withoutTop } from '../model/environment.ts';
import { areNamedAlike, rightsIn, unusedScopes } from './scopes.ts';
import { exchangedKinds } from './policy.ts';
import { dayMs, durationText, type Subject } from './subject.ts';

/** What one rule answers: nothing wrong, or what is. */
export type Judgement = { readonly isFact: boolean; readonly detail: string } | null;

const fact = (detail: string): Judgement => ({ isFact: true, detail });
/** What was used for less than this may not have needed everything yet. */
const observedMs = 30 * dayMs;
const maxNamed = 5;

export function seenInLog({ credential: { sightings } }: Subject): Judgement {
  if (sightings.length === 0) return null;
  return fact(named(sightings.map(({ source, field, count }) => `${source}, field ${field}, ${count} times`)));
}

export function shared({ credential: { uses } }: Subject): Judgement {
  const workloads = new Set(uses.flatMap(({ workloadId }) => workloadId ?? []));
  return workloads.size < 2 ? null : fact(`${workloads.size} workloads: ${named([...workloads].sort())}`);
}

export function acrossEnvironments({ credential: { uses, entry } }: Subject): Judgement {
  let seen: number = entry?.environment === undefined ? 0 : environmentIn(entry.environment);
  const names: string[] = [];
  for (const { workloadId, resources } of uses) {
    for (const name of [...workloadId === null ? [] : [workloadId], ...resources]) {
      const environment = environmentIn(placeIn(name));
      if (environment !== 0 && (seen & environment) === 0) names.push(`${name} (${environment === production ? 'production' : 'before it'})`);
      seen |= environment;
    }
  }
  if (seen !== 3) return null;
  return fact(`${named([...names, ...entry?.environment === undefined ? [] : [`listed as ${entry.environment}`]])}`);
}

/** Of a route only the host counts: words in a path are the application's own. */
function placeIn(name: string): string {
  const slash = name.indexOf('/');
  const host = slash < 0 ? name : name.slice(0, slash);
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host) ? withoutTop(host) : name;
}

export function grantedBeyondUse({ credential: { scopes, growth, uses }, placed: { listed }, atMs }: Subject): Judgement {
  const granted = rightsIn([...new Set([...scopes ?? [], ...growth.flatMap((grown) => grown.scopes), ...listed?.scopes ?? []])]);
  if (granted.length < 3 || uses.length === 0 || atMs - Math.min(...uses.map(({ firstMs }) => firstMs)) < observedMs) return null;
  const unused = unusedScopes(granted, uses);
  if (unused.length < 2 || unused.length * 2 <= granted.length) return null;
  return { isFact: areNamedAlike(granted, uses), detail: `${unused.length} of ${granted.length} scopes never used, by their names: ${named(unused)}` };
}

export function grownSinceIssue({ credential: { growth, owner }, bornMs, atMs }: Subject): Judgement {
  if (growth.length > 0) return fact(`later also ${named(growth.flatMap(({ scopes }) => scopes))}`);
  const widenedMs = owner.widenedMs.find((ms) => ms > bornMs && ms <= atMs);
  return widenedMs === undefined ? null : fact(`its identity was given further rights on ${new Date(widenedMs).toISOString().slice(0, 10)}`);
}

export function staticWhereFederated({ placed: { hasFederated }, lastUsedMs }: Subject): Judgement {
  return hasFederated && lastUsedMs !== null ? fact('its workload is seen with short-lived credentials') : null;
}

export function neverUsed({ credential: { token }, placed: { listed }, lastUsedMs, ageMs, policy }: Subject): Judgement {
  if (lastUsedMs !== null || ageMs < policy.unusedMs || exchangedKinds.has(token.kind)) return null;
  return { isFact: listed?.lastUsedMs === 'never', detail: `issued ${durationText(ageMs)} ago` };
}

export function dormant({ lastUsedMs, atMs, policy }: Subject): Judgement {
  return lastUsedMs === null || atMs - lastUsedMs < policy.dormantMs ? null : fact(`last used ${durationText(atMs - lastUsedMs)} ago`);
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, maxNamed).join(', ');
  return names.length <= maxNamed ? shown : `${shown} and ${names.length - maxNamed} more`;
}

/** Days before its end at which people want to be told, and who depended on it in the last 30 days. */
export function expiring({ credential: { uses }, endMs, lifetimeMs, atMs }: Subject): Judgement {
  if (endMs === null || lifetimeMs === null || lifetimeMs <= 30 * dayMs) return null;
  const days = [1, 7, 14, 30].find((limit) => endMs - atMs <= limit * dayMs);
  if (days === undefined) return null;
  const dependents = new Set(uses.filter(({ lastMs }) => atMs - lastMs <= 30 * dayMs)
    .map(({ workloadId, user, network }) => workloadId ?? `${user} from ${network ?? 'an unknown network'}`));
  return dependents.size === 0 ? null : fact(`within ${days} ${days === 1 ? 'day' : 'days'}; depends on it: ${named([...dependents].sort())}`);
}
