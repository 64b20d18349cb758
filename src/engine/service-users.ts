import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { serviceKey } from './billed-services.ts';

/** Who used one service of one account: what is told of him, and in which hours of which of the last days. */
export interface ServiceUser {
  readonly identityId: string;
  name: string | null;
  kind: TokenEvent['identityKind'];
  token: string | null;
  handle: string | null;
  tokenKind: TokenEvent['tokenKind'];
  readonly firstMs: number;
  lastMs: number;
  /** Days since the epoch with a bit for each hour, oldest first. */
  days: [day: number, hours: number][];
}
/** Where it is kept: users by account and service, and the services of each account. */
export interface ServiceTables { readonly users: Entities<ServiceUser[]>; readonly services: Entities<string[]> }

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Accounts; services of one; users of one service, of whom the one who came longest ago goes; days of one user. */
const maxAccounts = 1_000;
const maxServices = 64;
const maxUsers = 16;
const maxDays = 40;
const places = 4096;
/** Characters of an id that choose its place. */
const sampled = 8;

/** Uses of services by account, an hour at a time: enough to give a bill a face, and cheap, as most events fall into an hour that is noted. */
export class ServiceUsers {
  readonly #tables: ServiceTables;
  /** Direct-mapped: who was noted last where, and in which hour. A pure memo. */
  readonly #noted: (string | null)[] = Array.from({ length: 3 * places }, () => null);
  readonly #hours = new Float64Array(places);

  constructor(tables: ServiceTables) {
    this.#tables = tables;
  }

  note(event: TokenEvent): void {
    const { identityId, cloudAccount, service, orderMs } = event;
    if (identityId === null || cloudAccount === null || service === null) return;
    if (event.outcome !== 'success' || event.authenticated === false || event.identityKind === 'provider') return;
    const hour = Math.floor(orderMs / hourMs);
    const place = placeOf(identityId, service);
    const noted = this.#noted;
    if (this.#hours[place] === hour && noted[3 * place] === identityId && noted[3 * place + 1] === service && noted[3 * place + 2] === cloudAccount) return;
    this.#hours[place] = hour;
    noted[3 * place] = identityId;
    noted[3 * place + 1] = service;
    noted[3 * place + 2] = cloudAccount;
    this.#write(event, cloudAccount, serviceKey(service), identityId, hour);
  }

  /** Users of an account's services, of all where `services` is `null`. */
  of(account: string, services: readonly string[] | null): ServiceUser[] {
    const known = this.#tables.services.get(account) ?? [];
    const meant = known.filter((service) => services === null || services.includes(service));
    return meant.flatMap((service) => this.#tables.users.get(keyOf(account, service)) ?? []);
  }

  #write(event: TokenEvent, account: string, service: string, identityId: string, hour: number): void {
    const key = keyOf(account, service);
    const users = this.#tables.users.get(key) ?? this.#open(account, service);
    if (users !== null && noteIn(users, event, identityId, hour)) this.#tables.users.set(key, users);
  }

  /** A service that was not met before, where there is room for it. */
  #open(account: string, service: string): ServiceUser[] | null {
    const { services } = this.#tables;
    const known = services.get(account);
    if (known === undefined ? services.size >= maxAccounts : known.length >= maxServices) return null;
    services.set(account, [...known ?? [], service]);
    return [];
  }
}

function keyOf(account: string, service: string): string {
  return `${account}|${service}`;
}

/** Spreads who works beside each other, whose ids differ at the end; what falls together only costs a look. */
function placeOf(identityId: string, service: string): number {
  let hash = Math.imul(identityId.length, 31) + service.charCodeAt(0) * 131 + service.length;
  for (let at = Math.max(0, identityId.length - sampled); at < identityId.length; at++) hash = Math.imul(hash ^ identityId.charCodeAt(at), 0x01000193);
  return (hash ^ hash >>> 15) & (places - 1);
}

/** Whether that was new. */
function noteIn(users: ServiceUser[], event: TokenEvent, identityId: string, hour: number): boolean {
  let user = users.find((each) => each.identityId === identityId);
  if (user === undefined) {
    if (users.length >= maxUsers) users.splice(oldest(users), 1);
    user = { identityId, name: null, kind: null, token: null, handle: null, tokenKind: 'none', firstMs: event.orderMs, lastMs: 0, days: [] };
    users.push(user);
  }
  if (!markHour(user.days, hour)) return false;
  if (event.orderMs >= user.lastMs) {
    user.lastMs = event.orderMs;
    user.name = event.identityName ?? user.name;
    user.kind = event.identityKind;
    if (event.token !== null) [user.token, user.handle, user.tokenKind] = [event.token, event.tokenHandle, event.tokenKind];
  }
  return true;
}

function markHour(days: [number, number][], hour: number): boolean {
  const day = Math.floor(hour / 24);
  const bit = 1 << hour % 24;
  let found = days.find(([each]) => each === day);
  if (found === undefined) {
    if (days.length >= maxDays && day < days[0]![0]) return false;
    days.push(found = [day, 0]);
    days.sort(([one], [other]) => one - other);
    if (days.length > maxDays) days.shift();
  }
  if ((found[1] & bit) !== 0) return false;
  found[1] |= bit;
  return true;
}

function oldest(users: readonly ServiceUser[]): number {
  let place = 0;
  for (let index = 1; index < users.length; index++) if (users[index]!.lastMs < users[place]!.lastMs) place = index;
  return place;
}

/** Hours of work between two times, and on how many days. */
export function hoursBetween({ days }: ServiceUser, fromMs: number, toMs: number): { hours: number; days: number } {
  const found = { hours: 0, days: 0 };
  for (const [day, hours] of days) {
    if ((day + 1) * dayMs <= fromMs || day * dayMs > toMs) continue;
    found.days += 1;
    for (let bits = hours; bits !== 0; bits &= bits - 1) found.hours += 1;
  }
  return found;
}
