import { api } from './api.ts';
import { ask } from './dialog.tsx';
import { attempt, mayDecide, session, status } from './state.ts';

/** Stops everything that would be done to tokens. Only an admin lets it go on. */
export function KillSwitch() {
  const kill = status.value?.killSwitch ?? null;
  if (kill === null) return null;
  const may = kill.changeable && (kill.on ? session.value?.role === 'admin' : mayDecide());
  const text = kill.on ? `actions stopped${kill.state === 'unreadable' ? ' (switch unreadable)' : ''}` : 'actions possible';
  if (!may) return <span class={`pill ${kill.on ? 'bad' : ''}`}>{text}</span>;
  const change = async (): Promise<void> => {
    const reason = await ask({
      title: kill.on ? 'Let actions happen again?' : 'Stop all actions?',
      text: kill.on ? 'What waits goes on by the policy.' : 'Nothing is sent to any provider or gateway until an admin lets it go on.',
      input: 'Reason', confirm: kill.on ? 'Go on' : 'Stop all actions', isDangerous: !kill.on,
    });
    if (reason === null) return;
    await attempt(async () => {
      const { killSwitch } = await api.killSwitch(!kill.on, reason);
      if (status.value !== null) status.value = { ...status.value, killSwitch };
    });
  };
  return <button type="button" class={`pill ${kill.on ? 'bad' : ''}`} onClick={() => void change()}>{text}</button>;
}
