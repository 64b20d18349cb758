import { effect, signal } from '@preact/signals';
import type { AlertDetail, IncidentDetail, IntentView } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { route, selectedId } from './route.ts';
import { attempt, refresher } from './state.ts';
import { loadUses } from './uses.tsx';

/** Between two looks at what changes all the time. */
const pauseMs = 250;

export const detail = signal<AlertDetail | null>(null);
export const incident = signal<IncidentDetail | null>(null);
/** Everything that is or was to be done, newest change first. */
export const intents = signal<readonly IntentView[] | null>(null);

export const loadDetail = refresher(async () => {
  const id = selectedId.value;
  if (id === null) return;
  await attempt(async () => {
    const found = await api.alert(id);
    if (selectedId.value !== id) return;
    detail.value = found;
    await loadUses(found);
  });
}, pauseMs);

const loadIncident = refresher(async () => {
  const { view, id } = route.value;
  if (view !== 'incidents' || id === null) return;
  await attempt(async () => { incident.value = await api.incident(id); });
}, pauseMs);

const loadIntents = refresher(async () => {
  if (route.value.view !== 'response') return;
  await attempt(async () => { intents.value = (await api.intents()).intents; });
}, pauseMs);

/** After a decision, and when the stream says that something has changed. */
export async function reloadShown(incidentId?: string): Promise<void> {
  const concerns = (shown: string | undefined): boolean => incidentId === undefined || shown === incidentId;
  await Promise.all([
    selectedId.value !== null && concerns(detail.value?.incident.id) ? loadDetail() : null,
    concerns(incident.value?.summary.id) ? loadIncident() : null, loadIntents(),
  ]);
}

/** Loads what the address asks for whenever it asks for something else. */
export function followRoute(): void {
  effect(() => {
    const { view, id } = route.value;
    if (view === 'alerts' && id !== null && detail.peek()?.summary.id !== id) void loadDetail();
    if (view === 'incidents' && id !== null && incident.peek()?.summary.id !== id) void loadIncident();
    if (view === 'response') void loadIntents();
  });
}
