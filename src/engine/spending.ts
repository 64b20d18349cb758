import type { Bill } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import { servicesOfBill } from './billed-services.ts';
import type { Charges, OddCharge } from './charges.ts';
import { hoursBetween, type ServiceUser, type ServiceUsers } from './service-users.ts';

/** A bill as one of those sees it who used what it is for. */
export interface Billed { readonly event: TokenEvent; readonly bill: Bill }

const dayMs = 86_400_000;
/** So long before a bill's time somebody may have begun who is behind it. */
const newcomerMs = 3 * dayMs;
/** Of more users those who were at it longest. */
const maxBilled = 8;
const none: readonly never[] = [];

/**
 * Bills name an account and a service, no caller. What is odd about one is laid before the detectors once for each of those who used that
 * service in that time, as an event of his.
 */
export class Spending {
  readonly #users: ServiceUsers;
  readonly #charges: Charges;

  constructor(users: ServiceUsers, charges: Charges) {
    this.#users = users;
    this.#charges = charges;
  }

  /** Notes a use, or answers whom an odd bill may concern; nothing for nearly all events. */
  see(event: TokenEvent): readonly Billed[] {
    if (event.cost === null || event.identityId !== null || event.token !== null) {
      this.#users.note(event);
      return none;
    }
    const { cloudAccount } = event;
    const odd = cloudAccount === null ? null : this.#odd(event, cloudAccount, event.cost);
    return odd === null || cloudAccount === null ? none : this.#billed(event, cloudAccount, odd);
  }

  /** A provider that tells of anomalies has judged already; rows of a bill are summed up here. */
  #odd(event: TokenEvent, account: string, cost: number): OddCharge | null {
    if (event.category?.includes('threat') !== true) return this.#charges.add(`${account}|${event.service ?? ''}`, event.timeMs, cost);
    return { amount: cost, usualAmount: 0, sinceMs: event.timeMs, untilMs: event.endMs ?? event.orderMs };
  }

  #billed(event: TokenEvent, account: string, odd: OddCharge): Billed[] {
    const users = this.#users.of(account, servicesOfBill(event.service));
    const atWork = users.map((user) => ({ user, hours: hoursBetween(user, odd.sinceMs, odd.untilMs).hours })).filter(({ hours }) => hours > 0);
    atWork.sort((a, b) => b.hours - a.hours || (a.user.identityId < b.user.identityId ? -1 : 1));
    const callers = new Set(atWork.map(({ user }) => user.identityId)).size;
    return atWork.slice(0, maxBilled).map(({ user, hours }) => ({ event: eventOf(event, user), bill: billOf(event, odd, user, hours, callers) }));
  }
}

/** No authenticator vouches for it: a bill is no ground for acting by itself. */
function eventOf(event: TokenEvent, { identityId, name, kind, token, handle, tokenKind }: ServiceUser): TokenEvent {
  return { ...event, identityId, identityName: name, identityKind: kind, token, tokenHandle: handle, tokenKind, authenticated: null };
}

function billOf({ costCurrency, service }: TokenEvent, odd: OddCharge, user: ServiceUser, hours: number, callers: number): Bill {
  const before = hoursBetween(user, odd.sinceMs - 28 * dayMs, odd.sinceMs - 1);
  const billedDays = Math.max(1, Math.ceil((odd.untilMs - odd.sinceMs) / dayMs));
  return {
    ...odd, currency: costCurrency, service, callers, isNewcomer: user.firstMs >= odd.sinceMs - newcomerMs, firstUseMs: user.firstMs,
    hoursPerDay: hours / billedDays, usualHoursPerDay: before.days === 0 ? 0 : before.hours / before.days,
  };
}
