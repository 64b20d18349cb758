import type { Entities } from '../state/port.ts';

/** Charges of one service of one account by day, oldest first, and the last day that was told. */
export interface ChargeBook { days: [day: number, amount: number][]; toldDay: number }

const dayMs = 86_400_000;
const maxDays = 62;
const maxBooks = 5_000;
/** Days of charges before one of them can stand out. */
const leastDays = 14;
/** So many times the most of any day before is an anomaly. */
const factor = 2;

/** A day's charges that stand out. */
export interface OddCharge { readonly amount: number; readonly usualAmount: number; readonly sinceMs: number; readonly untilMs: number }

/** Sums up a bill's rows by day, and tells the first row by which a day is far above all before it. */
export class Charges {
  readonly #books: Entities<ChargeBook>;

  constructor(books: Entities<ChargeBook>) {
    this.#books = books;
  }

  add(key: string, startMs: number, amount: number): OddCharge | null {
    const book = this.#books.get(key) ?? (this.#books.size >= maxBooks ? null : { days: [], toldDay: 0 });
    if (book === null || amount <= 0) return null;
    const day = Math.floor(startMs / dayMs);
    let today = book.days.find(([each]) => each === day);
    if (today === undefined) {
      book.days.push(today = [day, 0]);
      book.days.sort(([one], [other]) => one - other);
      if (book.days.length > maxDays) book.days.shift();
    }
    today[1] += amount;
    const before = book.days.filter(([each]) => each < day);
    const most = Math.max(0, ...before.map(([, sum]) => sum));
    const isOdd = before.length >= leastDays && book.toldDay < day && today[1] > factor * most;
    if (isOdd) book.toldDay = day;
    this.#books.set(key, book);
    return isOdd ? { amount: today[1] - most, usualAmount: most, sinceMs: day * dayMs, untilMs: (day + 1) * dayMs - 1 } : null;
  }
}
