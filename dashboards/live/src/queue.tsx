import type { AlertSummary } from '../../../src/server/api/shapes.ts';
import { letIn, nowMs, queue, search, select, selectedId, severityFilter, statusFilter, waiting, type StatusFilter } from './state.ts';
import { ago, bytes, moment, plain, severityOf, type Severity } from './words.ts';

export function Queue() {
  const list = queue.value;
  return (
    <section class="queue" aria-label="alerts">
      <div class="filters">
        <input
          id="search" type="search" placeholder="Search   /" aria-label="search" value={search.value}
          onInput={(event) => { search.value = event.currentTarget.value; }}
        />
        <select
          aria-label="status" value={statusFilter.value}
          onChange={(event) => { statusFilter.value = event.currentTarget.value as StatusFilter; }}
        >
          {['open', 'acknowledged', 'closed', 'all'].map((name) => <option key={name}>{name}</option>)}
        </select>
        <select
          aria-label="severity" value={severityFilter.value}
          onChange={(event) => { severityFilter.value = event.currentTarget.value as Severity | 'any'; }}
        >
          {['any', 'critical', 'high', 'medium', 'low'].map((name) => <option key={name}>{name}</option>)}
        </select>
      </div>
      {waiting.value.size === 0 ? null : (
        <button type="button" class="newcomers" onClick={letIn}>
          {waiting.value.size === 1 ? '1 new alert' : `${waiting.value.size} new alerts`} · show <kbd>n</kbd>
        </button>
      )}
      {list.length === 0 ? <Nothing /> : <ul>{list.map((alert) => <Row key={alert.id} alert={alert} />)}</ul>}
    </section>
  );
}

function Nothing() {
  const isFiltered = search.value !== '' || severityFilter.value !== 'any';
  const kind = statusFilter.value === 'all' ? '' : `${statusFilter.value} `;
  return <p class="nothing">{isFiltered ? 'No alert fits the filter.' : `No ${kind}alerts. It is quiet.`}</p>;
}

function Row({ alert }: { alert: AlertSummary }) {
  const severity = severityOf(alert.severity);
  const where = alert.network === null ? 'unknown network' : alert.network.name ?? alert.network.asOrganization ?? alert.network.block;
  return (
    <li id={`row-${alert.id}`} class={`row severity-${severity} ${alert.id === selectedId.value ? 'selected' : ''}`}>
      <a href={`#/alerts/${alert.id}`} aria-current={alert.id === selectedId.value} onClick={(event) => { event.preventDefault(); select(alert.id); }}>
        <span class="line">
          <Mark severity={severity} />
          <strong>{plain(alert.identityName ?? alert.identityId ?? 'unknown')}</strong>
          <time title={moment(alert.createdMs)}>{ago(alert.createdMs, nowMs.value)}</time>
        </span>
        <span class="title">{alert.title}</span>
        <span class="line facts">
          <span>{plain(where)}</span>
          {alert.bytesOut > 0 ? <span>{bytes(alert.bytesOut)} out</span> : null}
          <span>{alert.count === 1 ? '1 event' : `${alert.count} events`}</span>
          {alert.response === null ? null : <ResponseMark state={alert.response.state} />}
          {alert.status === 'open' ? null : <span class="status">{alert.status}</span>}
        </span>
      </a>
    </li>
  );
}

/** Colour never stands alone: the word is there too. */
export function Mark({ severity }: { severity: Severity }) {
  return <span class={`mark severity-${severity}`}>{severity}</span>;
}

const responseWords: Readonly<Record<string, string>> = {
  proposed: 'step proposed', waiting_approval: 'wants approval', ready: 'about to act', stale: 'evidence too old', sending: 'acting',
  accepted: 'done, being proven', verified: 'proven', unknown: 'outcome unknown', failed: 'failed', rejected: 'rejected', undone: 'taken back',
};

export function ResponseMark({ state }: { state: string }) {
  return <span class={`response response-${state}`}>{responseWords[state] ?? state}</span>;
}
