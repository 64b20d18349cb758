import { computed, signal } from '@preact/signals';
import type { AlertDetail, AlertSummary, Message, Session, Status } from '../../../src/server/api/shapes.ts';
import { api, RefusedError } from './api.ts';
import { follow, type Connection } from './stream.ts';
import { loadUses } from './uses.tsx';
import { severityOf, type Severity } from './words.ts';

export type StatusFilter = 'open' | 'acknowledged' | 'closed' | 'all';
const pageSize = 200;
const maxKept = 2_000;

export const session = signal<Session | null>(null);
/** Nobody is logged in, and the server wants somebody to be. */
export const needsLogin = signal(false);
export const status = signal<Status | null>(null);
export const connection = signal<Connection>('connecting');
export const nowMs = signal(Date.now());
export const problem = signal<string | null>(null);

export const search = signal('');
export const statusFilter = signal<StatusFilter>('open');
export const severityFilter = signal<Severity | 'any'>('any');

const alerts = signal<ReadonlyMap<string, AlertSummary>>(new Map());
/** New ones that wait to be let in, so that nothing jumps under the hand. */
export const waiting = signal<ReadonlyMap<string, AlertSummary>>(new Map());
export const selectedId = signal<string | null>(idInAddress());
export const detail = signal<AlertDetail | null>(null);

export const queue = computed(() => [...alerts.value.values()].filter(isWanted).sort(byUrgency));

function isWanted(alert: AlertSummary): boolean {
  if (statusFilter.value !== 'all' && alert.status !== statusFilter.value) return false;
  if (severityFilter.value !== 'any' && severityOf(alert.severity) !== severityFilter.value) return false;
  const wanted = search.value.trim().toLowerCase();
  return wanted === '' || [alert.title, alert.reason, alert.identityName, alert.identityId, alert.handle, alert.workload, alert.network?.block]
    .some((text) => text?.toLowerCase().includes(wanted) === true);
}

function byUrgency(a: AlertSummary, b: AlertSummary): number {
  return b.severity - a.severity || b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1);
}

function idInAddress(): string | null {
  return /^#\/alerts\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;
}

export function select(id: string | null): void {
  selectedId.value = id;
  history.replaceState(null, '', id === null ? '#' : `#/alerts/${id}`);
  if (id === null) detail.value = null;
  else void loadDetail();
}

let loading: Promise<void> | null = null;
let stale = false;

/** One request at a time: what changes meanwhile asks for one more. */
export function loadDetail(): Promise<void> {
  stale = true;
  loading ??= (async () => {
    while (stale && selectedId.value !== null) {
      stale = false;
      await attempt(async () => {
        const found = await api.alert(selectedId.value as string);
        if (found.summary.id === selectedId.value) detail.value = found;
        await loadUses(found);
      });
    }
  })().finally(() => { loading = null; });
  return loading;
}

/** Does it and says in words why it did not work. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    problem.value = null;
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401) {
      // Nobody has shown a token yet: that is no problem, only the first page.
      const isFirst = session.value === null && !needsLogin.value;
      needsLogin.value = true;
      if (isFirst) return false;
    }
    problem.value = error instanceof RefusedError ? `Refused: ${error.message.replaceAll('_', ' ')}` : 'The server cannot be reached.';
    return false;
  }
}

export function letIn(): void {
  alerts.value = bounded(new Map([...alerts.value, ...waiting.value]));
  waiting.value = new Map();
}

function bounded(all: Map<string, AlertSummary>): Map<string, AlertSummary> {
  if (all.size <= maxKept) return all;
  return new Map([...all].sort(([, a], [, b]) => byUrgency(a, b)).slice(0, maxKept));
}

function take(message: Message): void {
  if (message.type === 'hello' || message.type === 'status') {
    status.value = message.status;
    // Refused uses change no alert.
    if (detail.value !== null) void loadUses(detail.value);
  } else if (message.type === 'alert') takeAlert(message.alert);
  else if (message.type === 'resync') void loadList();
  else if (message.type === 'intent' && concerns(message.intent.incidentId)) void loadDetail();
}

function takeAlert(alert: AlertSummary): void {
  const known = alerts.value.get(alert.id);
  if (known !== undefined && known.version > alert.version) return;
  if (known !== undefined || alerts.value.size === 0) alerts.value = new Map(alerts.value).set(alert.id, alert);
  else waiting.value = new Map(waiting.value).set(alert.id, alert);
  if (alert.id === selectedId.value || concerns(alert.incidentId)) void loadDetail();
}

function concerns(incidentId: string): boolean {
  return detail.value?.incident.id === incidentId;
}

async function loadList(): Promise<number> {
  let cursor = 0;
  await attempt(async () => {
    const page = await api.alerts(`limit=${pageSize}`);
    alerts.value = new Map(page.alerts.map((alert) => [alert.id, alert]));
    waiting.value = new Map();
    cursor = page.cursor;
  });
  return cursor;
}

/** Logs in where that is needed, loads what there is, and follows what comes. */
export async function start(): Promise<void> {
  if (!await attempt(async () => { session.value = await api.session(); })) return;
  needsLogin.value = false;
  const cursor = await loadList();
  if (selectedId.value !== null) void loadDetail();
  follow(cursor, { message: take, connection: (state) => { connection.value = state; } });
  setInterval(() => { nowMs.value = Date.now(); }, 1000);
}
