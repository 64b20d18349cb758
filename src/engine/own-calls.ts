import type { TokenEvent } from '../model/event.ts';
import { fates } from '../model/fate.ts';
import type { OwnName, OwnUse } from '../model/own-use.ts';
import type { Entities } from '../state/port.ts';
import type { OwnCall } from '../store/port.ts';

/** Of one action the newest calls are kept. */
const maxCalls = 256;
/** Clocks differ, and a call is noted before it is made. */
const beforeMs = 2 * 60_000;
const afterMs = 10 * 60_000;
/** A power of two. */
const shapes = 4_096;
/** Under this key stands since when calls are noted. */
const watchKey = '';

/** Names of one action's credentials that are learned; it shows few. */
const maxNames = 32;

type Noted = Pick<OwnCall, 'atMs' | 'token' | 'step'>;

export interface OwnCallsParts {
  readonly calls: Entities<Noted[]>;
  /** What providers said that our credentials are called, by action. */
  readonly learned: Entities<Pick<OwnName, 'name' | 'issuer'>[]>;
  /** As the configuration names our credentials. */
  readonly names: readonly OwnName[];
  /** Actions that the configuration has: of others nothing is ours any more. */
  readonly actions: readonly string[];
  /** Hears of all that were learned, at the beginning and with each change. */
  readonly onLearned?: (names: readonly OwnName[]) => void;
}

/**
 * What this service did with its own credentials: noted by the executor before each call, as inputs of the engine. So whatever an audit log tells of
 * such a credential, however late, is either among it or somebody else's doing.
 */
export class OwnCalls {
  readonly #parts: OwnCallsParts;
  readonly #calls: Entities<Noted[]>;
  #names: ReadonlyMap<string, readonly OwnName[]> = new Map();
  /** Whether a text of this length with these ends is among the names: asked for each event, it spares looking them up. */
  readonly #shapes = new Uint8Array(shapes);

  constructor(parts: OwnCallsParts) {
    this.#parts = parts;
    this.#calls = parts.calls;
    this.#gather();
  }

  /** From here on the credentials of the action are known by these names as well, and by none that were learned of it before. */
  learn(action: string, names: readonly Pick<OwnName, 'name' | 'issuer'>[]): void {
    this.#parts.learned.set(action, names.slice(0, maxNames).map(({ name, issuer }) => ({ name, issuer })));
    this.#gather();
  }

  #gather(): void {
    const { names, learned, actions, onLearned } = this.#parts;
    const told = actions.flatMap((of) => (learned.get(of) ?? []).map((name) => ({ ...name, of, acts: true })));
    this.#names = Map.groupBy([...names, ...told], ({ name }) => name);
    this.#shapes.fill(0);
    for (const name of this.#names.keys()) this.#shapes[shapeOf(name)] = 1;
    if (told.length > 0) onLearned?.(told);
  }

  /** Calls are noted from now on. What was before is not judged: a history that is read once more tells of calls that nobody noted. */
  watchFrom(atMs: number): void {
    if (this.#calls.get(watchKey) === undefined) this.#calls.set(watchKey, [{ atMs, token: '', step: '' }]);
  }

  note({ action, atMs, token, step }: OwnCall): void {
    const calls = this.#calls.get(action) ?? [];
    calls.push({ atMs, token, step });
    if (calls.length > maxCalls) calls.shift();
    this.#calls.set(action, calls);
  }

  /** Bits of `fates`. */
  fateOf(event: TokenEvent): number {
    return this.#names.size === 0 || this.#find(event) === undefined ? 0 : fates.own;
  }

  /** `null` where the credential is none of ours, or nothing was noted yet when it was used. */
  useOf(event: TokenEvent): OwnUse | null {
    const own = this.#find(event);
    const sinceMs = this.#calls.get(watchKey)?.[0]?.atMs;
    if (own === undefined || sinceMs === undefined || event.timeMs < sinceMs) return null;
    const all = this.#names.get(own.name)!.flatMap(({ of }) => this.#calls.get(of) ?? []);
    const isNoted = all.some((call) => Math.abs(event.timeMs - call.atMs - (afterMs - beforeMs) / 2) <= (afterMs + beforeMs) / 2 && isOf(call, event));
    const earlier = all.map(({ atMs }) => atMs).filter((atMs) => atMs <= event.timeMs);
    return { of: own.of, acts: own.acts, isNoted, lastCallMs: earlier.length === 0 ? null : Math.max(...earlier) };
  }

  #find(event: TokenEvent): OwnName | undefined {
    const { tokenHandle, userId, userName, identityName } = event;
    return this.#named(tokenHandle, event) ?? this.#named(userId, event) ?? this.#named(userName, event) ?? this.#named(identityName, event);
  }

  #named(text: string | null, { tokenIssuer, identityId }: TokenEvent): OwnName | undefined {
    if (text === null || this.#shapes[shapeOf(text)] === 0) return undefined;
    return this.#names.get(text)?.find(({ issuer }) => issuer === null || tokenIssuer === issuer || identityId?.startsWith(issuer) === true);
  }
}

/** Below `shapes`. */
function shapeOf(text: string): number {
  return (text.length * 31 ^ text.charCodeAt(0) << 5 ^ text.charCodeAt(text.length - 1)) & shapes - 1;
}

/** A rotation ends others than its target too: what it made and lost. */
function isOf({ token, step }: Noted, { revoked }: TokenEvent): boolean {
  return revoked === null || step === 'rotate' || revoked === token;
}
