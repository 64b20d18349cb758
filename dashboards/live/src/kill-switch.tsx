import { api } from './api.ts';
import { ask } from './dialog.tsx';
import { mayDecide, session, status } from './state.ts';
import { attemptFresh } from './step-up.ts';

/** Stops everything that would be done to tokens. Only an admin lets it go on. */
export function KillSwitch() {
  const kill = status.value?.killSwitch ?? null;
  if (kill === null) return null;
  const may = kill.changeable && (kill.on ? session.value?.role === 'admin' : mayDecide());
  const text = kill.on ? `actions stopped${kill.state === 'unreadable' ? ' (switch unreadable)' : ''}` : 'actions possible';
  if (!may) return <span class={`pill ${kill.on ? 'bad' : ''}`}>{text}</span>;
  return <button type="button" class={`pill ${kill.on ? 'bad' : ''}`} onClick={() => void changeKillSwitch()}>{text}</button>;
}

/** Asks for the reason first. */
export async function changeKillSwitch(): Promise<void> {
  const on = status.value?.killSwitch?.on ?? false;
  const reason = await ask({
    title: on ? 'Let actions happen again?' : 'Stop all actions?',
    text: on ? 'What waits goes on by the policy.' : 'Nothing is sent to any provider or gateway until an admin lets it go on.',
    input: 'Reason', confirm: on ? 'Go on' : 'Stop all actions', isDangerous: !on,
  });
  if (reason === null) return;
  await attemptFresh(async () => {
    const { killSwitch } = await api.killSwitch(!on, reason);
    if (status.value !== null) status.value = { ...status.value, killSwitch };
  }, { what: 'kill_switch' });
}
