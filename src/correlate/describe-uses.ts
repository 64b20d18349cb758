import type { CredentialUse } from '../model/credential.ts';
import type { Dependent } from '../model/intent.ts';
import type { UseTexts } from './state.ts';

/** One use (user and network) as it stands. Times in ms, whole seconds. */
export interface SeenUse {
  readonly texts: UseTexts;
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Hashes of the tokens presented last, and before that. */
  readonly tokens: readonly number[];
  /** As in `CredentialUse`. */
  readonly weeks: readonly [number, number];
  readonly traits: number;
}

const dayMs = 24 * 3_600_000;
const maxResources = 8;

/**
 * Users from their uses. A workload with uses inside and outside of the suspect networks is told apart into two: itself, and who calls
 * in its name from there. Most calls first.
 */
export function describeUses(uses: readonly SeenUse[], suspect: ReadonlySet<string>): Dependent[] {
  const users = new Map<string, SeenUse[]>();
  for (const use of uses) {
    const [isWorkload, user, network] = use.texts;
    const isSuspect = network !== null && suspect.has(network);
    const key = isWorkload === 1 ? `workload ${user}\n${isSuspect}` : `client ${user}\n${network ?? ''}`;
    const known = users.get(key);
    if (known === undefined) users.set(key, [use]);
    else known.push(use);
  }
  return [...users.values()].map((of) => describe(of, suspect))
    .sort((a, b) => b.callsPerDay - a.callsPerDay || (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.suspect) - Number(b.suspect)));
}

function describe(uses: readonly SeenUse[], suspect: ReadonlySet<string>): Dependent {
  const [isWorkload, user, network] = uses[0]!.texts;
  const firstSeenMs = Math.min(...uses.map(({ firstMs }) => firstMs));
  const lastSeenMs = Math.max(...uses.map(({ lastMs }) => lastMs));
  const calls = uses.reduce((sum, use) => sum + use.calls, 0);
  return {
    workloadId: isWorkload === 1 ? user : null,
    name: isWorkload === 1 ? user : `${user} from ${network ?? 'an unknown network'}`,
    networks: once(uses.flatMap(({ texts }) => (texts[2] === null ? [] : [texts[2]]))),
    resources: once(uses.flatMap(({ texts }) => texts[3])).slice(0, maxResources),
    callsPerDay: Math.round(10 * calls / Math.max(1, (lastSeenMs - firstSeenMs) / dayMs)) / 10,
    firstSeenMs, lastSeenMs, suspect: network !== null && suspect.has(network),
  };
}

function once(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** A use as others read it. */
export function useOf({ texts: [kind, user, network, resources, days], calls, firstMs, lastMs, weeks, traits }: SeenUse): CredentialUse {
  return { workloadId: kind === 1 ? user : null, user, network, resources, resourceDays: days ?? [], calls, firstMs, lastMs, weeks, traits };
}
