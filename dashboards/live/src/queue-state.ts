import { computed, effect, signal } from '@preact/signals';
import type { AlertPage, AlertSummary, IncidentSummary } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { route } from './route.ts';
import { attempt, needsLogin, refresher } from './state.ts';

/** Rows of one request, and at most at once. */
const pageRows = 200;
const maxRows = 500;
/** Counted so far; more are as good as endless. */
export const maxNewcomers = 10_000;
const flushMs = 100;
const typingMs = 180;
const retryMs = 1_500;

export const statuses = ['open', 'acknowledged', 'closed', 'all'] as const;
export const sorts = { severity: 'worst first', newest: 'newest first', risk: 'by risk', bytes: 'by bytes' } as const;
export const severities = { '': 'any severity', 47: 'medium or worse', 73: 'high or worse', 99: 'critical' } as const;

export const groups = { '': 'each alert', token: 'by token', workload: 'by workload', identity: 'by identity' } as const;

export type Filter = Readonly<Record<'status' | 'severity' | 'sort' | 'text' | 'detector' | 'group', string>>;

/** What the address says the list is filtered by. */
export const filter = computed<Filter>(() => {
  const { query } = route.value;
  const one = (name: string, known: readonly string[], usual: string): string => known.find((word) => word === query.get(name)) ?? usual;
  return {
    status: one('status', statuses, 'open'), severity: one('severity', Object.keys(severities), ''), sort: one('sort', Object.keys(sorts), 'severity'),
    text: query.get('text') ?? '', detector: query.get('detector') ?? '', group: one('group', Object.keys(groups), ''),
  };
});

/** The list as the server gave it. What happens to a row shows in its place; nothing moves until somebody asks. */
export const rows = signal<readonly AlertSummary[]>([]);
export const total = signal(0);
export const isLoaded = signal(false);
/** How many alerts the group of a row holds, by the row's id; of those that are alone nothing. */
export const grouped = signal<ReadonlyMap<string, number>>(new Map());
/** Fit the filter and wait to be let in. */
export const newcomers = signal(0);
let next: string | null = null;
let places = new Map<string, number>();
let waiting = new Set<string>();

function questionOf({ status, severity, sort, text, detector, group }: Filter): URLSearchParams {
  const asked = { status: status === 'all' ? '' : status, severity, sort, text: text.trim().slice(0, 200), detector, group };
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
}

function show(list: readonly AlertSummary[]): void {
  places = new Map(list.map(({ id }, place) => [id, place]));
  rows.value = list;
}

function countsOf({ alerts, grouped: counts }: AlertPage): Map<string, number> {
  return new Map((counts ?? []).flatMap((count, place): [string, number][] => (count > 1 ? [[(alerts[place] as AlertSummary).id, count]] : [])));
}

let cursor = 0;
/** Loads the list anew from its beginning. */
export const loadQueue = refresher(async () => {
  const asked = questionOf(filter.value);
  asked.set('limit', String(Math.min(maxRows, Math.max(pageRows, rows.value.length))));
  const isThere = await attempt(async () => {
    const page = await api.alerts(asked);
    ({ next, cursor } = page);
    waiting = new Set();
    newcomers.value = 0;
    total.value = page.total;
    grouped.value = countsOf(page);
    show(page.alerts);
    isLoaded.value = true;
  });
  // A service that has just begun looks through its store first.
  if (!isThere && !needsLogin.value) setTimeout(() => void loadQueue(), retryMs);
});

/** The first load of all: from its cursor on, the stream tells what changes. */
export async function firstLoad(): Promise<number> {
  await loadQueue();
  return cursor;
}

/** The following page, where there is one. */
export const loadMore = refresher(async () => {
  if (next === null) return;
  const asked = questionOf(filter.value);
  asked.set('limit', String(maxRows));
  asked.set('after', next);
  const before = rows.value;
  await attempt(async () => {
    const page = await api.alerts(asked);
    if (rows.value !== before && !before.every(({ id }, place) => rows.value[place]?.id === id)) return;
    next = page.next;
    grouped.value = new Map([...grouped.value, ...countsOf(page)]);
    show([...rows.value, ...page.alerts.filter(({ id }) => !places.has(id))]);
  });
});

export function hasMore(): boolean {
  return next !== null;
}

const changedAlerts = new Map<string, AlertSummary>();
const changedIncidents = new Map<string, IncidentSummary>();
let flushing: ReturnType<typeof setTimeout> | null = null;

/** Something changed: the rows follow a few times a second, however much it was. */
export function noteAlert(alert: AlertSummary): void {
  const place = places.get(alert.id);
  if (place !== undefined) changedAlerts.set(alert.id, alert);
  else if (fits(alert) && waiting.size < maxNewcomers) waiting.add(alert.id);
  flushing ??= setTimeout(flush, flushMs);
}

export function noteIncident(incident: IncidentSummary): void {
  changedIncidents.set(incident.id, incident);
  flushing ??= setTimeout(flush, flushMs);
}

function flush(): void {
  flushing = null;
  newcomers.value = waiting.size;
  // Where there is nothing that could jump, nothing need wait.
  if (rows.value.length === 0 && waiting.size > 0) void loadQueue();
  if (changedAlerts.size + changedIncidents.size > 0) rows.value = rows.value.map(follow);
  changedAlerts.clear();
  changedIncidents.clear();
}

function follow(row: AlertSummary): AlertSummary {
  const changed = changedAlerts.get(row.id);
  const alert = changed !== undefined && changed.version >= row.version ? changed : row;
  const incident = changedIncidents.get(alert.incidentId);
  return incident === undefined || incident.response === alert.response ? alert : { ...alert, response: incident.response };
}

function fits(alert: AlertSummary): boolean {
  const { status, severity, text, detector } = filter.value;
  if (status !== 'all' && alert.status !== status) return false;
  if (alert.severity < Number(severity) || detector !== '' && alert.detector !== detector) return false;
  const { title, reason, identityId, identityName, token, handle, workload, network, owner } = alert;
  const where = [network?.block, network?.name, network?.asOrganization];
  const searched = [alert.id, title, reason, alert.detector, identityId, identityName, token, handle, workload, owner, ...where].join('\n').toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => searched.includes(word));
}

/** Another filter is another list, asked for when the typing pauses. */
export function followFilter(): void {
  let last = questionOf(filter.value).toString();
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = questionOf(filter.value).toString();
    if (now === last) return;
    last = now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      show([]);
      isLoaded.value = false;
      void loadQueue();
    }, typingMs);
  });
}
