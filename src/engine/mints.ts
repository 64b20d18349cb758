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

/** On how many days somebody made such keys. */
export interface MakerDays { days: number; lastDay: number }

/** Kinds that somebody makes to last. */
const lasting: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key', 'certificate']);
/** A key is new for so long. */
const newMs = 24 * 3_600_000;
const maxKeys = 5_000;
/** Who made keys on so many days does so for a living. */
const habitDays = 3;
const maxMakers = 10_000;

/** Remembers for a day who had which lasting key made: whether its maker is the one who uses it is told by nothing else. */
export class Mints {
  readonly #minted: Entities<Minted>;
  readonly #makers: Entities<MakerDays>;

  constructor(minted: Entities<Minted>, makers: Entities<MakerDays>) {
    this.#minted = minted;
    this.#makers = makers;
  }

  /** Notes a key that was verifiably issued. */
  note(event: TokenEvent): void {
    const { issued, issuedKind, outcome, authenticated } = event;
    if (issued === null || issuedKind === null || !lasting.has(issuedKind) || outcome !== 'success' || authenticated !== true) return;
    this.#minted.set(issued, {
      identityId: event.identityId, name: event.identityName, sourceIp: event.sourceIp, networkBlock: event.networkBlock,
      isPrivate: event.networkClass === 'private', timeMs: event.timeMs,
    });
    if (event.identityId !== null) this.#noteMaker(event.identityId, Math.floor(event.timeMs / newMs));
    if (this.#minted.size > maxKeys) this.#makeRoom(event.timeMs);
  }

  /** Who had the event's key made; `null`: nobody is known to have, within a day. */
  of({ token, timeMs, sourceIp, networkBlock }: TokenEvent): Mint | null {
    const minted = token === null ? undefined : this.#minted.get(token);
    const ageMs = minted === undefined ? 0 : timeMs - minted.timeMs;
    if (minted === undefined || ageMs < 0 || ageMs > newMs) return null;
    const isSame = sourceIp !== null && sourceIp === minted.sourceIp;
    const isNear = !minted.isPrivate && networkBlock !== null && networkBlock === minted.networkBlock;
    const days = minted.identityId === null ? 0 : this.#makers.get(minted.identityId)?.days ?? 0;
    return { byIdentityId: minted.identityId, byName: minted.name, ageMs, isNearby: isSame || isNear, isHabit: days >= habitDays };
  }

  /** Beyond the bound nobody is learned any more. */
  #noteMaker(maker: string, day: number): void {
    const known = this.#makers.get(maker) ?? { days: 0, lastDay: 0 };
    if (known.lastDay === day || known.days === 0 && this.#makers.size >= maxMakers) return;
    known.lastDay = day;
    known.days++;
    this.#makers.set(maker, known);
  }

  /** Those that are new no more go first, then the older half. */
  #makeRoom(nowMs: number): void {
    const keys = [...this.#minted.all()].sort(([, a], [, b]) => a.timeMs - b.timeMs);
    const old = keys.filter(([, { timeMs }]) => nowMs - timeMs > newMs).length;
    for (const [token] of keys.slice(0, Math.max(old, maxKeys / 2))) this.#minted.delete(token);
  }
}
