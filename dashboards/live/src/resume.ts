import { api } from './api.ts';
import { decide } from './deciding.ts';
import { detail, incident, intents, reloadShown } from './detail-state.ts';
import { changeKillSwitch } from './kill-switch.tsx';
import { attempt, problem, status } from './state.ts';
import type { Wanted } from './step-up.ts';

/** Asks again what a login interrupted, with the facts as they are now. */
export async function resume(wanted: Wanted): Promise<void> {
  if (wanted.what === 'kill_switch') {
    if (await attempt(async () => { status.value = await api.status(); })) await changeKillSwitch();
    return;
  }
  await reloadShown();
  const shown = [...detail.value?.intents ?? [], ...incident.value?.intents ?? [], ...intents.value ?? []];
  const intent = shown.find(({ id }) => id === wanted.intentId);
  if (intent?.can[wanted.what] === true) await decide(intent, wanted.what);
  else problem.value = 'What you were about to decide is no longer to be decided.';
}
