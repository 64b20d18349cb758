import type { Mint } from '../model/detector.ts';
import type { TokenEvent, TokenKind } from '../model/event.ts';
import type { Entities } from '../state/port.ts';

/** Who had a key made, when and from where. */
export interface Minted {
  readonly identityId: string | null;
  readonly name: string | null;
  readonly sourceIp: string | null;
  readonly networkBlock: string | null;
  /** Networks of the operator's own say little. */
  readonly isPrivate: boolean;
  readonly timeMs: number;
}

/** Kinds that somebody makes to last. */
const lasting: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);
/** A key is new for so long. */
const newMs = 24 * 3_600_000;
const maxKeys = 5_000;

/** Remembers for a day who had which lasting key made: whether its maker is the one who uses it is told by nothing else. */
export class Mints {
  readonly #minted: Entities<Minted>;

  constructor(minted: Entities<Minted>) {
    this.#minted = minted;
  }

  /** Notes a key that was verifiably issued. */
  note(event: TokenEvent): void {
    const { issued, issuedKind, outcome, authenticated } = event;
    if (issued === null || issuedKind === null || !lasting.has(issuedKind) || outcome !== 'success' || authenticated !== true) return;
    this.#minted.set(issued, {
      identityId: event.identityId, name: event.identityName, sourceIp: event.sourceIp, networkBlock: event.networkBlock,
      isPrivate: event.networkClass === 'private', timeMs: event.timeMs,
    });
    if (this.#minted.size > maxKeys) this.#makeRoom(event.timeMs);
  }

  /** Who had the event's key made; `null`: nobody is known to have, within a day. */
  of({ token, timeMs, sourceIp, networkBlock }: TokenEvent): Mint | null {
    const minted = token === null ? undefined : this.#minted.get(token);
    const ageMs = minted === undefined ? 0 : timeMs - minted.timeMs;
    if (minted === undefined || ageMs < 0 || ageMs > newMs) return null;
    const isSame = sourceIp !== null && sourceIp === minted.sourceIp;
    const isNear = !minted.isPrivate && networkBlock !== null && networkBlock === minted.networkBlock;
    return { byIdentityId: minted.identityId, byName: minted.name, ageMs, isNearby: isSame || isNear };
  }

  /** Those that are new no more go first, then the older half. */
  #makeRoom(nowMs: number): void {
    const keys = [...this.#minted.all()].sort(([, a], [, b]) => a.timeMs - b.timeMs);
    const old = keys.filter(([, { timeMs }]) => nowMs - timeMs > newMs).length;
    for (const [token] of keys.slice(0, Math.max(old, maxKeys / 2))) this.#minted.delete(token);
  }
}
