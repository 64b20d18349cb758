import { api } from './api.ts';
import { ask } from './dialog.tsx';
import { attempt, connection, nowMs, session, status } from './state.ts';
import { toggleTheme } from './theme.ts';
import { duration, inUtc, time } from './words.ts';

const connectionWords = { connecting: 'connecting', live: 'live', lost: 'connection lost' } as const;
const modeWords = { none: 'no policy', observe: 'observes only', approve: 'acts after approval', enforce: 'acts by itself' } as const;

/** What has been read, how old it is, and what may happen without anybody's click. */
export function TopBar() {
  const now = status.value;
  return (
    <header class="top-bar">
      <a class="brand" href="#"><img src="./icon.svg" alt="" width="22" height="22" />Tokenward</a>
      <span class={`pill connection-${connection.value}`} role="status"><i aria-hidden="true" />{connectionWords[connection.value]}</span>
      {now === null ? null : (
        <>
          <DataAge />
          <span class={`pill mode-${now.mode}`} title="What the policy does with a token without anybody's click">{modeWords[now.mode]}</span>
          <KillSwitch />
          {now.waitingApproval > 0 ? <span class="pill wants">{now.waitingApproval} waiting for approval</span> : null}
          {now.ready ? null : <span class="pill bad" title={now.reasons.join('\n')}>not ready</span>}
        </>
      )}
      <span class="spring" />
      <span class="clock">{time(nowMs.value)}</span>
      <button type="button" class="quiet" onClick={toggleUtc} aria-pressed={inUtc.value}>{inUtc.value ? 'UTC' : 'local'}</button>
      <button type="button" class="quiet" onClick={toggleTheme} aria-label="switch between dark and light">◐</button>
      {session.value === null ? null : <span class="who">{session.value.account} · {session.value.role}</span>}
    </header>
  );
}

function DataAge() {
  const now = status.value;
  if (now === null || now.lastEventMs === null) return <span class="pill">no event yet</span>;
  const ageMs = Math.max(0, nowMs.value - now.lastEventMs);
  const isOld = connection.value !== 'live' || ageMs > 120_000;
  return <span class={`pill ${isOld ? 'old' : ''}`} title="Age of the newest event that was read">newest event {duration(ageMs)} old</span>;
}

function KillSwitch() {
  const kill = status.value?.killSwitch ?? null;
  if (kill === null) return null;
  const change = async (): Promise<void> => {
    const reason = await ask({
      title: kill.on ? 'Let actions happen again?' : 'Stop all actions?',
      text: kill.on ? 'What waits goes on by the policy.' : 'Nothing is sent to any provider or gateway until somebody switches this off again.',
      input: 'Reason', confirm: kill.on ? 'Go on' : 'Stop all actions', isDangerous: !kill.on,
    });
    if (reason !== null) await attempt(() => api.killSwitch(!kill.on, reason));
  };
  return (
    <button type="button" class={`pill ${kill.on ? 'bad' : ''}`} disabled={!kill.changeable} onClick={() => void change()}>
      {kill.on ? `actions stopped${kill.state === 'unreadable' ? ' (switch unreadable)' : ''}` : 'actions possible'}
    </button>
  );
}

function toggleUtc(): void {
  inUtc.value = !inUtc.value;
  localStorage.setItem('utc', inUtc.value ? 'yes' : 'no');
}
