import type { Assembly } from '../../assemble.ts';
import type { Incident } from '../../model/alert.ts';
import { alertDocument } from '../../sinks/alert-document.ts';
import type { LineWriter } from './line-writer.ts';
import { count } from './statistics.ts';

/** Writes the alerts that this run raised or changed, in their final state, by start and then id. */
export async function writeAlerts(assembly: Assembly, writer: LineWriter | null): Promise<{ alerts: Record<string, number>; incidents: number }> {
  const { store, ruleOf, runStartedAt } = assembly;
  const alerts: Record<string, number> = {};
  for (const alert of store.effects.alerts(runStartedAt)) {
    count(alerts, alert.detector);
    const document = alertDocument(alert, ruleOf(alert.detector), mergedInto(store.effects.incident(alert.incidentId)), []);
    writer?.line(JSON.stringify(document));
    await writer?.relieve();
  }
  await writer?.close();
  return { alerts, incidents: [...store.effects.incidents(runStartedAt)].filter((incident) => incident.mergedInto === null).length };
}

function mergedInto(incident: Incident | null): string | null {
  return incident?.mergedInto ?? null;
}
