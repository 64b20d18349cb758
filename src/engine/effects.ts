import type { Alert, Incident } from '../model/alert.ts';
import type { Proposal } from '../model/intent.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { RecordedUse, RecordingTotals } from '../model/recorded.ts';
import type { SealedToken } from '../model/sealed.ts';
import type { EffectsStore, EventRecord, JournalEntry } from '../store/port.ts';
import { Proposals } from './proposals.ts';

const maxSealed = 10_000;

/** Gathers what a batch brought about, each alert once in its newest version, for one transaction. */
export class EffectsBuffer {
  readonly #alerts = new Map<string, Alert>();
  readonly #hidden = new Map<string, Alert>();
  readonly #incidents = new Map<string, Incident>();
  readonly #proposals = new Proposals();
  #refusals: Refusal[] = [];
  #sealed: SealedToken[] = [];
  #journal: JournalEntry[] = [];
  #events: EventRecord[] = [];
  #uses: RecordedUse[] = [];
  readonly #recordings = new Map<string, RecordingTotals>();
  /** The last entry, while it is a run of reads that may still grow. */
  #run: { kind: 'read'; feed: string; count: number } | null = null;
  readonly #onRefusal: (refusal: Refusal) => void;
  readonly #hasPolicy: () => boolean;

  constructor(onRefusal: (refusal: Refusal) => void = () => undefined, hasPolicy: () => boolean = () => false) {
    this.#onRefusal = onRefusal;
    this.#hasPolicy = hasPolicy;
  }

  alert(alert: Alert): void {
    this.#alerts.set(alert.id, alert);
  }

  /** An alert that an exception hides. */
  hide(alert: Alert): void {
    this.#hidden.set(alert.id, alert);
  }

  /** An alert that is not written yet. */
  pendingAlert(id: string): Alert | null {
    return this.#alerts.get(id) ?? null;
  }

  /** What the policy says of an alert. */
  propose(proposals: readonly Proposal[]): void {
    this.#proposals.add(proposals);
  }

  incident(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
  }

  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
    this.#onRefusal(refusal);
  }

  /** A token was closed to the executor's key. Of more than fit before a commit, the later ones are not kept. */
  seal(sealed: SealedToken): void {
    if (this.#sealed.length < maxSealed) this.#sealed.push(sealed);
  }

  /** An event is to be kept by sinks that keep all of them. */
  keep(event: EventRecord): void {
    this.#events.push(event);
  }

  /** Something that the flight recorder keeps. */
  record(use: RecordedUse): void {
    this.#uses.push(use);
  }

  /** How a recording of the flight recorder stands. */
  recorded(totals: RecordingTotals): void {
    this.#recordings.set(totals.incidentId, totals);
  }

  /** One input of a feed was consumed. */
  read(feed: string): void {
    if (this.#run?.feed === feed) {
      this.#run.count++;
      return;
    }
    this.#run = { kind: 'read', feed, count: 1 };
    this.#journal.push(this.#run);
  }

  /** Any other input was consumed: it stands between the reads before and after it. */
  consumed(entry: JournalEntry): void {
    this.#run = null;
    this.#journal.push(entry);
  }

  /** Writes everything in one transaction. After it, what was seen is visible and will be repeated exactly. */
  commit(store: EffectsStore): void {
    const alerts = [...this.#alerts.values()];
    store.commit({
      alerts, proposals: this.#hasPolicy() ? this.#proposals.take(alerts, store.responses) : [], incidents: [...this.#incidents.values()],
      refusals: this.#refusals, counters: {}, hidden: [...this.#hidden.values()], journal: this.#journal, sealed: this.#sealed, events: this.#events,
      uses: this.#uses, recordings: [...this.#recordings.values()],
    });
    this.#alerts.clear();
    this.#hidden.clear();
    this.#incidents.clear();
    this.#refusals = [];
    this.#sealed = [];
    this.#events = [];
    this.#uses = [];
    this.#recordings.clear();
    this.#journal = [];
    this.#run = null;
  }
}
