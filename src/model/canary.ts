import type { TokenEvent } from './event.ts';

/** A harmless token that the operator has used at a steady pace, so that its trace in a log shows whether the way from there to here works. */
export interface Canary {
  readonly name: string;
  /** Configured source in which its uses must show. */
  readonly source: string;
  /** Public id of the token. */
  readonly handle: string | null;
  readonly fingerprint: string | null;
  /** Name or id of its caller, where each use has a new token. */
  readonly client: string | null;
  /** How often it is used. */
  readonly everyMs: number;
  /** How long a use may take to get here. */
  readonly withinMs: number;
}

export type FindCanary = (event: TokenEvent) => Canary | null;

/**
 * Whose use the event is. What was refused is nobody's: a canary that does not get in any more is missing. A caller's name counts only with
 * an authenticator's word, because others may claim it.
 */
export function canaryFinder(canaries: readonly Canary[]): FindCanary {
  const byToken = listed(canaries, ({ handle, fingerprint }) => [handle, fingerprint]);
  const byClient = listed(canaries, ({ client }) => [client]);
  return (event) => {
    if (event.authenticated === false) return null;
    const { source, token, tokenHandle, authenticated, userName, userId, identityId } = event;
    const found = of(byToken, tokenHandle, source) ?? of(byToken, token, source);
    if (found !== null || byClient.size === 0 || authenticated !== true) return found;
    return of(byClient, userName, source) ?? of(byClient, userId, source) ?? of(byClient, identityId, source);
  };
}

/** `undefined` where there is none, so that nothing is asked for each event. */
export function canaryTest(canaries: readonly Canary[]): ((event: TokenEvent) => boolean) | undefined {
  if (canaries.length === 0) return undefined;
  const find = canaryFinder(canaries);
  return (event) => find(event) !== null;
}

function listed(canaries: readonly Canary[], idsOf: (canary: Canary) => (string | null)[]): ReadonlyMap<string, readonly Canary[]> {
  const found = new Map<string, Canary[]>();
  for (const canary of canaries) {
    for (const id of idsOf(canary)) if (id !== null) found.set(id, [...found.get(id) ?? [], canary]);
  }
  return found;
}

/** One token may be the canary of several sources. */
function of(canaries: ReadonlyMap<string, readonly Canary[]>, id: string | null, source: string): Canary | null {
  if (id === null) return null;
  return canaries.get(id)?.find((canary) => canary.source === source) ?? null;
}
