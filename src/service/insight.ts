import type { Alert } from '../model/alert.ts';
import type { AuditEntry } from '../model/audit.ts';
import type { Intent } from '../model/intent.ts';
import { readiness } from '../respond/readiness.ts';
import type { HiddenQuery, Insight } from '../server/api/ports.ts';
import type { ExceptionPage, HealthView, HiddenPage, IdentityDetail, ReadinessPage } from '../server/api/shapes-insight.ts';
import type { ApiParts } from './api-parts.ts';
import type { DetailParts } from './details.ts';
import { healthOf } from './health.ts';
import { HiddenBook } from './hidden.ts';
import { identityDetail } from './identity.ts';
import { inSlices } from './slices.ts';

/** What people judged does not change from one second to the next, and is looked through whole. */
const judgedKeptMs = 60_000;
const pageRows = 500;
/** Of these the audit tells how alerts were closed. */
const closings: ReadonlySet<string> = new Set(['alert.close', 'alert.reopen']);

interface Judged { readonly alerts: readonly Alert[]; readonly intents: readonly Intent[]; readonly audit: readonly AuditEntry[] }

/** See `Insight`. Whatever is looked through is looked through in slices, beside the engine's work. */
export class ServiceInsight implements Insight {
  readonly #parts: ApiParts;
  readonly #details: DetailParts;
  readonly #hidden: HiddenBook;
  /** Time of the newest event; 0 before the first. */
  readonly #newestMs: () => number;
  #judged: { readonly atMs: number; readonly found: Promise<Judged> } | null = null;

  constructor(parts: ApiParts, details: DetailParts, newestMs: () => number) {
    this.#parts = parts;
    this.#details = details;
    this.#newestMs = newestMs;
    const { effects, exceptions, ruleOf, nowMs } = parts;
    this.#hidden = new HiddenBook({ effects, exceptions, nowMs, titleOf: (detector) => ruleOf(detector)?.alertTitle ?? detector });
  }

  async identity(id: string): Promise<IdentityDetail | null> {
    return identityDetail(id, this.#newestMs(), await this.#hidden.countOf(id), this.#details);
  }

  async exceptions(): Promise<ExceptionPage> {
    return { exceptions: await this.#hidden.exceptions(this.#newestMs() === 0 ? this.#parts.nowMs() : this.#newestMs()) };
  }

  hidden(query: HiddenQuery): Promise<HiddenPage> {
    return this.#hidden.page(query);
  }

  async readiness(neededDays: number): Promise<ReadinessPage> {
    const nowMs = this.#parts.nowMs();
    if (this.#judged === null || nowMs - this.#judged.atMs > judgedKeptMs) this.#judged = { atMs: nowMs, found: this.#judge() };
    return { neededDays, detectors: readiness({ ...await this.#judged.found, neededDays }) };
  }

  health(): Promise<HealthView> {
    const { correlator } = this.#parts;
    return healthOf({ ...this.#parts, identities: () => correlator.counts().identities });
  }

  async #judge(): Promise<Judged> {
    const { effects } = this.#parts;
    const [alerts, intents, audit]: [Alert[], Intent[], AuditEntry[]] = [[], [], []];
    await inSlices(effects.alerts(), (alert) => alerts.push(alert));
    await inSlices(effects.responses.audit(), (entry) => { if (closings.has(entry.kind)) audit.push(entry); });
    await inSlices(pagesOf(effects.responses), (intent) => intents.push(intent));
    return { alerts, intents, audit };
  }
}

function* pagesOf(responses: ApiParts['effects']['responses']): Iterable<Intent> {
  let place = { change: 0, id: '' };
  for (;;) {
    const page = responses.intentsAfter(place, pageRows);
    yield* page.intents;
    if (page.intents.length < pageRows) return;
    ({ place } = page);
  }
}
