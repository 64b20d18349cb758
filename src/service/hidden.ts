import type { Alert } from '../model/alert.ts';
import type { Exception } from '../model/exception.ts';
import type { HiddenQuery } from '../server/api/ports.ts';
import type { ExceptionTerms, ExceptionView, HiddenAlert, HiddenPage } from '../server/api/shapes-insight.ts';
import type { EffectsStore } from '../store/port.ts';
import { pageOf } from './paging.ts';
import { inSlices } from './slices.ts';
import { alertSummary } from './views.ts';

/** The ones that began last; older ones are found by `explain`. */
const maxLines = 20_000;
/** What is shown may be so old. */
const keptMs = 2_000;
/** Of an alert whose further hits somebody wanted to be quiet. */
const quietName = 'quiet-';

type Line = Omit<HiddenAlert, 'terms'>;

export interface HiddenParts {
  readonly effects: Pick<EffectsStore, 'hiddenAlerts' | 'lastChange'>;
  /** Those in force, what one person wanted quiet for some hours too. */
  readonly exceptions: () => readonly Exception[];
  readonly titleOf: (detector: string) => string;
  readonly nowMs: () => number;
}

/** What exceptions hide, apart from the book of alerts, so that it can stand in no list of theirs. It is read when somebody asks. */
export class HiddenBook {
  readonly #parts: HiddenParts;
  readonly #lines = new Map<string, Line>();
  #change = 0;
  #dueMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(parts: HiddenParts) {
    this.#parts = parts;
  }

  /** How many are on this identity. */
  async countOf(identity: string): Promise<number> {
    return (await this.#read()).filter(({ summary }) => summary.identityId === identity).length;
  }

  /** By when they began, the newest first. */
  async page({ identity, exception, limit, after }: HiddenQuery): Promise<HiddenPage> {
    const wanted = (await this.#read()).filter(({ summary, hiddenBy }) => (
      (identity === undefined || summary.identityId === identity) && (exception === undefined || hiddenBy === exception)));
    const { values, total, next } = pageOf(wanted.map((value) => ({ value, id: value.summary.id, first: value.summary.startMs, second: 0 })), { limit, after });
    const known = this.#known();
    return { alerts: values.map((one) => ({ ...one, terms: termsOf(known.get(one.hiddenBy)) })), total, next };
  }

  /** Those in force and those that have hidden something, what hid last first. `nowMs`: by the time of events. */
  async exceptions(nowMs: number): Promise<ExceptionView[]> {
    const known = this.#known();
    const sums = Map.groupBy(await this.#read(), ({ hiddenBy }) => hiddenBy);
    return [...new Set([...known.keys(), ...sums.keys()])].map((name) => exceptionView(name, known.get(name), sums.get(name) ?? [], nowMs))
      .sort((left, right) => (right.lastMs ?? 0) - (left.lastMs ?? 0) || (left.name < right.name ? -1 : 1));
  }

  #known(): Map<string, Exception> {
    return new Map(this.#parts.exceptions().map((one) => [one.name, one]));
  }

  async #read(): Promise<readonly Line[]> {
    if (this.#parts.nowMs() >= this.#dueMs) this.#reading ??= this.#take().finally(() => { this.#reading = null; });
    await this.#reading;
    return [...this.#lines.values()];
  }

  async #take(): Promise<void> {
    const { effects, nowMs } = this.#parts;
    const upTo = effects.lastChange();
    await inSlices(effects.hiddenAlerts(this.#change), (alert) => this.#put(alert));
    this.#change = upTo;
    this.#dueMs = nowMs() + keptMs;
  }

  #put(alert: Alert): void {
    const { baseline, observed, networks, hiddenBy = '' } = alert;
    this.#lines.set(alert.id, { summary: alertSummary(alert, this.#parts.titleOf, null), hiddenBy, baseline, observed, networks });
    if (this.#lines.size > maxLines) this.#lines.delete(this.#lines.keys().next().value as string);
  }
}

function exceptionView(name: string, exception: Exception | undefined, hidden: readonly Line[], nowMs: number): ExceptionView {
  const sums = {
    alerts: hidden.length, events: hidden.reduce((sum, { summary }) => sum + summary.count, 0),
    lastMs: hidden.length === 0 ? null : hidden.reduce((last, { summary }) => Math.max(last, summary.endMs), 0),
  };
  if (exception === undefined) return { name, state: name.startsWith(quietName) ? 'ended' : 'removed', terms: null, ...sums };
  const { fromMs, untilMs } = exception;
  return { name, state: nowMs < fromMs ? 'waits' : nowMs < untilMs ? 'holds' : 'ended', ...sums, terms: termsOf(exception) };
}

function termsOf(exception: Exception | undefined): ExceptionTerms | null {
  if (exception === undefined) return null;
  const { kind, match, detectors, networks, reason, author, approver, fromMs, untilMs } = exception;
  const isQuiet = approver === '';
  return { kind, isQuiet, match, detectors, networks, reason, author, approver: isQuiet ? null : approver, fromMs, untilMs };
}
