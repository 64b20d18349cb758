import type { Entities, Rows } from '../state/port.ts';
import type { SeenUse } from './describe-uses.ts';
import { part, type UseRecord, type UseTexts, type useLayout } from './state.ts';

/** Users of one list; of one workload, networks; of one use, resources that are named. */
const maxUsers = 32;
const maxNetworks = 8;
const maxResources = 8;
/** `resourcesA` when no further one is named. */
const full = 0xffff_ffff;
/** A workload's network makes room for another one only when it was not seen for so long. */
const restMs = 24 * 3_600_000;

const daySeconds = 24 * 3600;

/** Which use is meant: of a holder's list, a user in a network. */
export interface UseName {
  readonly holder: string;
  readonly isWorkload: boolean;
  readonly user: string;
  readonly network: string | null;
}

/** The uses of each holder: a fixed row each, and one list with what they are called. */
export class UseLists {
  readonly record: UseRecord;
  readonly #rows: Rows;
  readonly #lists: Entities<UseTexts[]>;
  readonly #onDropped: () => void;

  /** `onDropped` hears of each user that is forgotten for want of room. */
  constructor(rows: Rows, lists: Entities<UseTexts[]>, onDropped: () => void) {
    this.#rows = rows;
    this.record = rows.cursor<typeof useLayout.fields>(part);
    this.#lists = lists;
    this.#onDropped = onDropped;
  }

  /** Another number than before where row numbers became invalid. */
  get generation(): number {
    return this.#rows.generation;
  }

  bind(row: number): void {
    this.#rows.bind(row);
  }

  markDirty(): void {
    this.#rows.markDirty();
  }

  /** Row of a use, which is made when it is new; -1 where there is no room for it. */
  row(name: UseName, seconds: number): number {
    const key = rowKey(name);
    const known = this.#rows.find(key);
    if (known >= 0) return known;
    const list = this.#lists.get(name.holder) ?? [];
    if (!this.#makeRoom(name, list, seconds * 1000)) return -1;
    list.push([name.isWorkload ? 1 : 0, name.user, name.network, [], []]);
    this.#lists.set(name.holder, list);
    const row = this.#rows.row(key);
    this.#rows.bind(row);
    this.record.firstSeconds = this.record.lastSeconds = seconds;
    this.record.weeksA = 1;
    return row;
  }

  /** Was the resource met in the bound use, or is there no room to name one more? Two bits of 64 tell: a collision leaves one unnamed. */
  hasResource(resource: string): boolean {
    const { resourcesA, resourcesB } = this.record;
    if (resourcesA === full) return true;
    const bits = hashOf(resource);
    return (resourcesA >>> (bits & 31) & resourcesB >>> (bits >>> 5 & 31) & 1) === 1;
  }

  /** Names a further resource of the bound use, met at that time. */
  addResource({ holder, isWorkload, user, network }: UseName, resource: string, seconds: number): void {
    const { record } = this;
    const bits = hashOf(resource);
    const list = this.#lists.get(holder);
    const use = list?.find((known) => known[0] === Number(isWorkload) && known[1] === user && known[2] === network);
    if (list === undefined || use === undefined) return;
    const [, , , resources, days] = use;
    resources.push(resource);
    days?.push(Math.floor(seconds / daySeconds));
    this.#lists.set(holder, list);
    const isFull = resources.length >= maxResources;
    record.resourcesA = isFull ? full : (record.resourcesA | 1 << (bits & 31)) >>> 0;
    record.resourcesB = (record.resourcesB | 1 << (bits >>> 5 & 31)) >>> 0;
    this.#rows.markDirty();
  }

  /** All uses on a holder's list. */
  of(holder: string): SeenUse[] {
    return this.#seen(holder, this.#lists.get(holder) ?? []);
  }

  /** A full list forgets its rarest user, the one not seen for longest among those; a workload with many networks one at rest. */
  #makeRoom({ holder, isWorkload, user }: UseName, list: UseTexts[], timeMs: number): boolean {
    const same = isWorkload ? list.filter((use) => use[0] === 1 && use[1] === user) : [];
    if (same.length >= maxNetworks) {
      const oldest = this.#seen(holder, same).reduce((a, b) => (b.lastMs < a.lastMs ? b : a));
      if (timeMs - oldest.lastMs < restMs) return false;
      this.#remove(holder, list, [oldest]);
    } else if (same.length === 0 && list.length >= maxUsers) {
      const users = [...Map.groupBy(this.#seen(holder, list), ({ texts }) => userKey(texts)).values()];
      if (users.length < maxUsers) return true;
      this.#remove(holder, list, users.reduce((a, b) => (isRarer(b, a) ? b : a)));
      this.#onDropped();
    }
    return true;
  }

  #remove(holder: string, list: UseTexts[], going: readonly SeenUse[]): void {
    for (const { texts } of going) {
      list.splice(list.indexOf(texts), 1);
      this.#rows.delete(keyOf(holder, texts));
    }
  }

  #seen(holder: string, list: readonly UseTexts[]): SeenUse[] {
    return list.flatMap((texts) => {
      const row = this.#rows.find(keyOf(holder, texts));
      if (row < 0) return [];
      this.#rows.bind(row);
      const { firstSeconds, lastSeconds, calls, token, formerToken, weeksA, weeksB, traits } = this.record;
      return [{ texts, calls, firstMs: firstSeconds * 1000, lastMs: lastSeconds * 1000, tokens: [token, formerToken], weeks: [weeksA, weeksB], traits }];
    });
  }
}

function keyOf(holder: string, [kind, user, network]: UseTexts): string {
  return rowKey({ holder, isWorkload: kind === 1, user, network });
}

function rowKey({ holder, isWorkload, user, network }: UseName): string {
  return `${holder}\n${isWorkload ? 'workload' : 'client'} ${user}\n${network ?? ''}`;
}

/** A workload is one user wherever it calls from. */
function userKey([kind, user, network]: UseTexts): string {
  return kind === 1 ? `workload ${user}` : `client ${user}\n${network ?? ''}`;
}

function isRarer(left: readonly SeenUse[], right: readonly SeenUse[]): boolean {
  const [a, b] = [left, right].map((uses) => uses.reduce((sum, { calls }) => sum + calls, 0)) as [number, number];
  return a < b || a === b && Math.max(...left.map(({ lastMs }) => lastMs)) < Math.max(...right.map(({ lastMs }) => lastMs));
}

/** FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
