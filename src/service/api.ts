import type { TokenEvent } from '../model/event.ts';
import type { Intent } from '../model/intent.ts';
import type { AlertQuery, ChangeFeed, EventQuery, IncidentQuery, IntentQuery, Reader, TokenQuery } from '../server/api/ports.ts';
import type {
  AlertDetail, AlertPage, EventPage, IncidentDetail, IncidentPage, IntentPage, IntentView, Status, TokenPage,
  TouchedPage, Trends,
} from '../server/api/shapes.ts';
import type { Message } from '../server/api/shapes-live.ts';
import { idsOf } from '../store/current-incident.ts';
import { Activity } from './activity.ts';
import type { ApiParts } from './api-parts.ts';
import { Book } from './book.ts';
import { alertDetail, incidentDetail, type DetailParts } from './details.ts';
import { ServiceInsight } from './insight.ts';
import { InventoryIndex, type PostureParts } from './inventory.ts';
import { RecentEvents } from './recent-events.ts';
import { statusOf } from './status.ts';
import { touchedPage } from './touched.ts';
import { trendWeeks } from './trends.ts';
import { intentView } from './views.ts';

/** Looked up at once, so that the engine gets its turns. */
const pageRows = 500;
/** How long a change may go unnoticed. */
const followMs = 20;
/** Of an incident, whose networks are told from others. */
const maxAlerts = 200;
/** Of what an identity does now. */
const shownMs = 2 * 3_600_000;

/**
 * What the API and the live stream show, out of the store, the registry and what is kept of the events. It follows the store by
 * itself, so whoever commits, engine, executor or desk, need not tell it.
 */
export class ServiceApi implements Reader, ChangeFeed {
  readonly insight: ServiceInsight;
  readonly #parts: ApiParts;
  readonly #book: Book;
  readonly #inventory: InventoryIndex;
  readonly #activity = new Activity();
  readonly #recent = new RecentEvents();
  readonly #details: DetailParts;
  readonly #startedMs: number;
  /** Source -> when something of it was last taken, wall clock. */
  readonly #takenMs = new Map<string, number>();
  /** Reason -> how many records were refused since the start. */
  readonly #refused = new Map<string, number>();
  #newestMs = 0;
  #isReady = false;
  #timer: NodeJS.Timeout | null = null;
  #onChange: () => void = () => undefined;

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.#startedMs = parts.nowMs();
    this.#book = new Book((detector) => parts.ruleOf(detector)?.alertTitle ?? detector);
    this.#inventory = new InventoryIndex(parts.correlator, parts.posture, (token) => this.#book.openAlertsOf(token), parts.nowMs);
    const { effects, correlator, intel, ruleOf, dependents, links } = parts;
    this.#details = {
      effects, correlator, intel, ruleOf, dependents, links,
      book: this.#book, inventory: this.#inventory, activity: this.#activity, view: (intent) => this.#view(intent),
    };
    this.insight = new ServiceInsight(parts, this.#details, () => this.#newestMs);
  }

  /** Begins to follow the store; `onChange` is called when there is something new to tell. */
  start(onChange: () => void): void {
    this.#onChange = onChange;
    this.#follow();
  }

  /** From here on posture is judged by these. */
  judgeBy(posture: PostureParts): void {
    this.#inventory.judgeBy(posture);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#onChange = () => undefined;
  }

  /** One event, correlated and enriched. Called for each, so it keeps and counts and no more. */
  seen(event: TokenEvent): void {
    this.#activity.note(event);
    this.#recent.note(event);
    if (event.orderMs > this.#newestMs) this.#newestMs = event.orderMs;
  }

  /** What was seen is committed. */
  committed(): void {
    this.#recent.committed(this.#parts.nowMs());
  }

  /** A record was refused, for one of the fixed reasons. */
  refused(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Something of this source was taken. */
  taken(source: string): void {
    this.#takenMs.set(source, this.#parts.nowMs());
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  lastChange(): number {
    this.#step();
    return this.#book.change;
  }

  changes(since: number, upTo: number, limit: number): { cursor: number; messages: Message[] } {
    const { upTo: end, alerts, incidents, intents } = this.#parts.effects.changes(since, upTo, limit);
    const book = this.#book;
    const touched = new Set(intents.map(({ incidentId }) => incidentId).filter((id) => incidents.every((incident) => incident.id !== id)));
    const cursor = since;
    const messages: Message[] = [
      ...alerts.map((alert): Message => ({ type: 'alert', cursor, alert: book.summaryOf(alert) })),
      ...[...incidents, ...[...touched].map((id) => book.incidentOf(id))].filter((incident) => incident !== null)
        .map((incident): Message => ({ type: 'incident', cursor, incident: book.incident(incident) })),
      ...intents.map((intent): Message => ({ type: 'intent', cursor, intent: this.#view(intent) })),
    ];
    const last = messages.pop();
    if (last !== undefined) messages.push({ ...last, cursor: end });
    return { cursor: end, messages };
  }

  alerts(query: AlertQuery): AlertPage {
    // Read first: whatever changes after it is told.
    const cursor = this.lastChange();
    return { ...this.#book.alerts(query), cursor };
  }

  alert(id: string): AlertDetail | null {
    this.#step();
    const alert = this.#parts.effects.alert(id);
    return alert === null ? null : alertDetail(alert, this.#details);
  }

  incidents(query: IncidentQuery): IncidentPage {
    const cursor = this.lastChange();
    return { ...this.#book.incidents(query), cursor };
  }

  incident(id: string): IncidentDetail | null {
    this.#step();
    const incident = this.#parts.effects.incident(id);
    return incident === null ? null : incidentDetail(incident, this.#details);
  }

  touchedOfAlert(id: string, limit: number): TouchedPage | null {
    const { effects, correlator } = this.#parts;
    const alert = effects.alert(id);
    return alert === null ? null : touchedPage(effects, [alert.incidentId], [alert], (token) => correlator.token(token), limit);
  }

  touchedOfIncident(id: string, limit: number): TouchedPage | null {
    const { effects, correlator } = this.#parts;
    const incident = effects.incident(id);
    if (incident === null) return null;
    const alerts = incident.alertIds.slice(0, maxAlerts).map((one) => effects.alert(one)).filter((alert) => alert !== null);
    return touchedPage(effects, idsOf(incident), alerts, (token) => correlator.token(token), limit);
  }

  async tokens(query: TokenQuery): Promise<TokenPage> {
    const { identity } = query;
    const series = identity === undefined ? null : this.#activity.of(identity, this.#newestMs - shownMs, this.#newestMs);
    return { ...await this.#inventory.search(query), activity: identity === undefined || series === null ? null : { identityId: identity, ...series } };
  }

  async trends(): Promise<Trends> {
    return { weeks: trendWeeks(this.#book.told(), this.#newestMs === 0 ? this.#parts.nowMs() : this.#newestMs), credentials: await this.#inventory.shares() };
  }

  intents(query: IntentQuery): IntentPage {
    const cursor = this.lastChange();
    const { ids, total } = this.#book.intents(query);
    return { intents: ids.map((id) => this.intent(id)).filter((intent) => intent !== null), total, cursor };
  }

  intent(id: string): IntentView | null {
    const intent = this.#parts.effects.responses.intent(id);
    return intent === null ? null : this.#view(intent);
  }

  events(query: EventQuery): EventPage {
    if (query.alert === undefined) return this.#recent.find(query, null);
    const alert = this.#parts.effects.alert(query.alert);
    return this.#recent.find(query, new Set(alert === null ? [] : [...alert.evidenceFirst, ...alert.evidenceLast]));
  }

  status(): Status {
    return statusOf({ ...this.#parts, book: this.#book, startedMs: this.#startedMs, takenMs: this.#takenMs, newestMs: this.#newestMs, refused: this.#refused });
  }

  #view(intent: Intent): IntentView {
    return intentView(intent, this.#parts.actions.get(intent.action));
  }

  #follow(): void {
    const before = this.#book.change;
    const isThere = this.#step();
    this.#isReady ||= isThere;
    if (this.#isReady && this.#book.change > before) this.#onChange();
    this.#timer = setTimeout(() => this.#follow(), isThere ? followMs : 0);
    this.#timer.unref();
  }

  /** One page further; true when there is no more. */
  #step(): boolean {
    const { effects } = this.#parts;
    const last = effects.lastChange();
    if (this.#book.change < last) this.#book.take(effects.changes(this.#book.change, last, pageRows));
    return this.#book.change >= last;
  }
}
