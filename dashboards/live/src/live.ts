import type { Message } from '../../../src/server/api/shapes-live.ts';
import { api } from './api.ts';
import { detail, followRoute, reloadShown } from './detail-state.ts';
import { firstLoad, followFilter, loadQueue, noteAlert, noteIncident } from './queue-state.ts';
import { resume } from './resume.ts';
import { go } from './route.ts';
import { attempt, connection, isNotKnown, needsLogin, nowMs, session, status } from './state.ts';
import { takePlace } from './step-up.ts';
import { follow } from './stream.ts';
import { loadUses } from './uses.tsx';

function take(message: Message): void {
  if (message.type === 'hello' || message.type === 'status') {
    status.value = message.status;
    // Refused uses change no alert.
    if (detail.value !== null) void loadUses(detail.value);
  } else if (message.type === 'alert') {
    noteTime(message.alert.endMs);
    noteAlert(message.alert);
    void reloadShown(message.alert.incidentId);
  } else if (message.type === 'incident') {
    noteIncident(message.incident);
    void reloadShown(message.incident.id);
  } else if (message.type === 'intent') void reloadShown(message.intent.incidentId);
  else {
    void loadQueue();
    void reloadShown();
  }
}

/** Its age is shown in seconds: of a flood of alerts few change it. */
const shownStepMs = 1000;

/** What an alert tells of is read, whatever the last status said. */
function noteTime(timeMs: number): void {
  const now = status.value;
  if (now !== null && timeMs >= (now.lastEventMs ?? 0) + shownStepMs) status.value = { ...now, lastEventMs: timeMs };
}

let hasBegun = false;

/** Logs in where that is needed, loads what there is, and follows what comes. */
export async function start(): Promise<void> {
  if (!await attempt(async () => { session.value = await api.session(); })) {
    if (!needsLogin.value) setTimeout(() => void start(), 2_000);
    return;
  }
  needsLogin.value = false;
  const before = takePlace();
  if (before !== null && before.address !== '') go(before.address, 'replace');
  const cursor = await firstLoad();
  if (!hasBegun) {
    hasBegun = true;
    followFilter();
    followRoute();
    setInterval(() => { nowMs.value = Date.now(); }, 1000);
  } else void reloadShown();
  if (before !== null && before.wanted !== null) void resume(before.wanted);
  follow(cursor, { message: take, connection: (state) => { connection.value = state; }, notKnown: isNotKnown });
}
