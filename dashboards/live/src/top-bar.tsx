import { api } from './api.ts';
import { asAges } from './bits.tsx';
import { KillSwitch } from './kill-switch.tsx';
import { hrefOf, route, views, type View } from './route.ts';
import { attempt, connection, nowMs, session, status } from './state.ts';
import { toggleTheme } from './theme.ts';
import { count, duration, inUtc, time } from './words.ts';

const connectionWords = { connecting: 'connecting', live: 'live', lost: 'connection lost' } as const;
const modeWords = { none: 'no policy', observe: 'observes only', approve: 'acts after approval', enforce: 'acts by itself' } as const;

/** What has been read, how old it is, and what may happen without anybody's click. */
export function TopBar() {
  const now = status.value;
  return (
    <header class="top-bar">
      <a class="brand" href={hrefOf('alerts')}><img src="./icon.svg" alt="" width="22" height="22" />Tokenward</a>
      <nav aria-label="views">{views.map((view) => <Tab key={view} view={view} />)}</nav>
      <span class="spring" />
      <span class={`pill connection-${connection.value}`} role="status"><i aria-hidden="true" />{connectionWords[connection.value]}</span>
      {now === null ? null : (
        <>
          <DataAge />
          <span class={`pill mode-${now.mode}`} title="What the policy does with a token without anybody's click">{modeWords[now.mode]}</span>
          <KillSwitch />
          {now.ready ? null : <a class="pill bad" href={hrefOf('health')} title={now.reasons.join('\n')}>not ready</a>}
        </>
      )}
      <span class="times">
        <span class="clock">{time(nowMs.value)}</span>
        <button type="button" class="quiet" onClick={toggleUtc} title="UTC or this machine's time">{inUtc.value ? 'UTC' : 'local'}</button>
        <button type="button" class="quiet" onClick={toggleAges} title="times, or how long ago">{asAges.value ? 'ages' : 'times'}</button>
        <button type="button" class="quiet" onClick={toggleTheme} aria-label="switch between dark and light">◐</button>
      </span>
      {session.value === null ? null : (
        <span class="who"><span>{session.value.account} · {session.value.role}</span>{session.value.csrf === null ? null : <LogOut />}</span>
      )}
    </header>
  );
}

function LogOut() {
  return (
    <button type="button" class="quiet" aria-label="log out" title="log out" onClick={() => void logOut()}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M7 1H2v10h5 M5 6h6 M9 4l2 2-2 2" fill="none" stroke="currentColor" /></svg>
    </button>
  );
}

/** Anew, so that nothing that was shown stays. */
async function logOut(): Promise<void> {
  if (await attempt(() => api.logout())) location.reload();
}

function Tab({ view }: { view: View }) {
  const many = { alerts: status.value?.openAlerts, response: status.value?.waitingApproval }[view as 'alerts'] ?? 0;
  const said = view === 'alerts' ? 'open' : 'waiting';
  return (
    <a href={hrefOf(view)} aria-current={isOf(view) ? 'page' : undefined}>
      {view}{many > 0 ? <span class={`badge ${said}`}>{count(many)}<span class="unseen"> {said}</span></span> : null}
    </a>
  );
}

/** An identity is found among the tokens. */
function isOf(view: View): boolean {
  const shown = route.value.view;
  return shown === view || view === 'tokens' && shown === 'identities';
}

function DataAge() {
  const now = status.value;
  if (now === null || now.lastEventMs === null) return <span class="pill">no event yet</span>;
  const ageMs = Math.max(0, nowMs.value - now.lastEventMs);
  const isOld = connection.value !== 'live' || ageMs > 120_000;
  const shown = duration(Math.floor(ageMs / 1000) * 1000);
  return <span class={`pill ${isOld ? 'old' : ''}`} title="Age of the newest event that was read">newest event {shown === '0 ms' ? '0 s' : shown} old</span>;
}

function toggleUtc(): void {
  inUtc.value = !inUtc.value;
  localStorage.setItem('utc', inUtc.value ? 'yes' : 'no');
}

function toggleAges(): void {
  asAges.value = !asAges.value;
  localStorage.setItem('ages', asAges.value ? 'yes' : 'no');
}
