import type { Alert } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Correlation } from './correlation.ts';
import type { Detection } from './detection.ts';
import type { EffectsBuffer } from './effects.ts';
import type { Episodes } from './episodes.ts';
import type { ChangedIncident, Incidents } from './incidents.ts';
import type { Recorder } from './recorder.ts';

export interface PublishingParts {
  readonly correlation: Pick<Correlation, 'lineageOf' | 'fates'>;
  readonly detection: Pick<Detection, 'ids'>;
  readonly episodes: Episodes;
  readonly incidents: Incidents;
  readonly effects: Pick<EffectsBuffer, 'alert' | 'incident'>;
  readonly recorder: Recorder;
}

/** Puts alerts into their incidents, and tells the other alerts of those when they come to tell another story together. */
export class Publishing {
  readonly #parts: PublishingParts;

  constructor(parts: PublishingParts) {
    this.#parts = parts;
  }

  /** The event is the alert's newest. */
  alert(alert: Alert, identity: string, event: TokenEvent): void {
    const { incidents, correlation, effects, episodes } = this.#parts;
    const root = event.token === null ? null : correlation.lineageOf(event.token);
    const deviates = episodes.of(alert.detector, identity)?.deviates ?? 'token';
    this.#tell(incidents.add(alert, identity, root, { event, deviates }));
    effects.alert(alert);
    this.#parts.recorder.hit(alert, identity, event);
  }

  /** Whoever moved with others and is seen in an old place again has not moved. */
  see(event: TokenEvent): void {
    const { incidents, correlation, recorder } = this.#parts;
    recorder.see(event, false);
    if (!incidents.awaits(event)) return;
    this.#tell(incidents.returned(event, (sinceMs) => correlation.fates.placeBefore(event, sinceMs) === 'own'));
  }

  #tell(changed: readonly ChangedIncident[]): void {
    for (const one of changed) {
      this.#parts.effects.incident(one.incident);
      if (one.isOther || one.incident.mergedInto !== null) this.#amend(one);
    }
  }

  /** The open alerts of an incident that was joined to another, or is of another kind now, say so. */
  #amend({ incident: { id, identityIds, mergedInto, story } }: ChangedIncident): void {
    const { detection, episodes, effects, incidents } = this.#parts;
    const kind = story?.kind ?? 'single';
    for (const identity of identityIds) {
      for (const detector of detection.ids) {
        const alert = episodes.of(detector, identity)?.alert;
        if (alert === undefined) continue;
        if (mergedInto !== null) {
          if (alert.incidentId !== id || alert.mergedInto === mergedInto) continue;
          alert.mergedInto = mergedInto;
        } else {
          if ((alert.incidentKind ?? 'single') === kind || incidents.currentId(alert.incidentId) !== id) continue;
          alert.incidentKind = kind;
        }
        alert.version++;
        effects.alert(alert);
      }
    }
  }
}
