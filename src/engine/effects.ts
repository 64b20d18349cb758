import type { Alert, Incident } from '../model/alert.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { EffectsStore, JournalEntry } from '../store/port.ts';
import { Journal } from '../store/journal.ts';

/** Gathers what a batch brought about, each alert once in its newest version, for one transaction. */
export class EffectsBuffer {
  readonly #alerts = new Map<string, Alert>();
  readonly #incidents = new Map<string, Incident>();
  #refusals: Refusal[] = [];
  #journal = new Journal();

  alert(alert: Alert): void {
    this.#alerts.set(alert.id, alert);
  }

  incident(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
  }

  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
  }

  consumed(entry: JournalEntry): void {
    this.#journal.add(entry);
  }

  /** Writes everything in one transaction. After it, what was seen is visible and will be repeated exactly. */
  commit(store: EffectsStore): void {
    store.commit({
      alerts: [...this.#alerts.values()],
      incidents: [...this.#incidents.values()],
      refusals: this.#refusals,
      counters: {},
      journal: this.#journal.entries(),
    });
    this.#alerts.clear();
    this.#incidents.clear();
    this.#refusals = [];
    this.#journal = new Journal();
  }
}
