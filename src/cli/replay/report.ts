import type { Assembly } from '../../assemble.ts';
import { intentsOf } from '../../respond/told.ts';
import { alertDocument } from '../../sinks/alert-document.ts';
import { currentIncident } from '../../store/current-incident.ts';
import type { LineWriter } from './line-writer.ts';
import { count } from './statistics.ts';

export interface Raised {
  readonly alerts: Record<string, number>;
  /** What exceptions hid. */
  readonly hidden: number;
  readonly incidents: number;
  /** What policy would have done; nothing of it is ever done here. */
  readonly intents: number;
}

/** Writes the alerts raised or changed since the given change, in their final state, by start and then id. */
export async function writeAlerts({ store, ruleOf }: Assembly, since: number, writer: LineWriter | null): Promise<Raised> {
  const alerts: Record<string, number> = {};
  for (const alert of store.effects.alerts(since)) {
    count(alerts, alert.detector);
    const incident = currentIncident(store.effects, alert.incidentId);
    writer?.line(JSON.stringify(alertDocument(alert, ruleOf(alert.detector), incident, intentsOf(alert, store.effects.responses))));
    await writer?.relieve();
  }
  await writer?.close();
  const incidents = [...store.effects.incidents(since)].filter((incident) => incident.mergedInto === null);
  const hidden = [...store.effects.hiddenAlerts(since)].length;
  return { alerts, hidden, incidents: incidents.length, intents: store.effects.responses.intents({ changedSince: since }).length };
}
