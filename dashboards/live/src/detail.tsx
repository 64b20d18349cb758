import type { AlertStatus } from '../../../src/model/alert.ts';
import type { AlertDetail } from '../../../src/server/api/shapes.ts';
import { Activity } from './activity.tsx';
import { Mark } from './bits.tsx';
import { acknowledge, acknowledgeLineage, close, reopen } from './deciding.ts';
import { detail } from './detail-state.ts';
import { Evidence } from './evidence.tsx';
import { Facts } from './facts.tsx';
import { Graph } from './graph.tsx';
import { Plan } from './plan.tsx';
import { hrefOf, route, select, selectedId } from './route.ts';
import { Links } from './links.tsx';
import { NextStep } from './next-step.tsx';
import { mayJudge, nowMs } from './state.ts';
import { Timeline } from './timeline.tsx';
import { Touched } from './touched.tsx';
import { Notes, Owner } from './triage.tsx';
import { Uses } from './uses.tsx';
import { Why } from './why.tsx';
import { ago, moment, plain, severityOf } from './words.ts';

export function Detail() {
  const shown = detail.value;
  if (selectedId.value === null) {
    return (
      <section class="detail empty">
        <h1 class="unseen">Alerts</h1>
        <p>Choose an alert. <kbd>j</kbd> <kbd>k</kbd> move, <kbd>?</kbd> shows all keys.</p>
      </section>
    );
  }
  if (shown === null || shown.summary.id !== selectedId.value) return <section class="detail empty"><h1 class="unseen">Alerts</h1><p>Loading…</p></section>;
  const { summary, identity, tokens, dependents, networks, resources } = shown;
  return (
    <section class="detail" aria-label="alert" key={summary.id}>
      <Heading shown={shown} />
      <Why shown={shown} />
      {shown.activity === null ? null : <Activity activity={shown.activity} startMs={summary.startMs} />}
      <Plan intents={shown.intents} dependents={dependents} />
      <Uses shown={shown} />
      <Graph
        identity={{ name: identity?.name ?? summary.identityName ?? summary.identityId ?? 'unknown', kind: identity?.kind ?? '' }}
        tokens={tokens.map(({ handle, fingerprint }) => handle ?? fingerprint)} dependents={dependents} networks={networks} resources={resources}
      />
      <Notes shown={shown} />
      <Facts shown={shown} />
      <Touched of="alerts" id={summary.id} change={shown.cursor} />
      <Timeline entries={shown.timeline} />
      <Related shown={shown} />
      <Evidence shown={shown} />
    </section>
  );
}

function Heading({ shown }: { shown: AlertDetail }) {
  const { summary, incident } = shown;
  return (
    <header>
      <p class="line">
        <Mark severity={severityOf(summary.severity)} />
        <span>{summary.status}{summary.closedAs === null ? '' : ` as ${summary.closedAs.replaceAll('_', ' ')}`}</span>
        <Owner shown={shown} />
        <span>risk {Math.round(incident.riskScore)}</span>
        <span title={moment(summary.createdMs)}>raised {ago(summary.createdMs, nowMs.value)}</span>
        {summary.late ? <span class="pill old">late evidence</span> : null}
        <a href={hrefOf('incidents', incident.id)}>incident of {incident.alertIds.length === 1 ? 'this alert alone' : `${incident.alertIds.length} alerts`}</a>
        <Links links={shown.links} />
        <span class="spring" />
        <button type="button" class="quiet back" onClick={() => select(null)}>close</button>
      </p>
      <h1>{plain(summary.title)}</h1>
      <p class="reason">{plain(summary.reason)}</p>
      <NextStep shown={shown} />
      {mayJudge() ? <Judging status={summary.status} /> : null}
    </header>
  );
}

function Judging({ status }: { status: AlertStatus }) {
  if (status === 'closed') return <p class="buttons"><button type="button" onClick={() => void reopen()}>Open it again</button></p>;
  return (
    <p class="buttons">
      {status === 'open' ? <button type="button" onClick={() => void acknowledge()}>Acknowledge <kbd>c</kbd></button> : null}
      <button type="button" onClick={() => void close('theft')}>It was theft</button>
      <button type="button" onClick={() => void close('benign')}>It is benign</button>
      <button type="button" onClick={() => void close('false_alarm')}>False alarm</button>
    </p>
  );
}

function Related({ shown }: { shown: AlertDetail }) {
  const others = shown.related.filter(({ id }) => id !== shown.summary.id);
  const lineage = shown.related.filter(({ incidentId, status }) => incidentId === shown.summary.incidentId && status !== 'closed');
  if (others.length === 0) return null;
  return (
    <section>
      <h2>Same incident</h2>
      <ul class="related">
        {others.map((one) => (
          <li key={one.id} class="line">
            <Mark severity={severityOf(one.severity)} />
            <a href={hrefOf('alerts', one.id, route.value.query)}>{plain(one.title)}</a>
            <span class="small">{plain(one.reason)}</span>
          </li>
        ))}
      </ul>
      {lineage.length > 1 && mayJudge() ? (
        <p class="buttons lineage-buttons">
          <span>All {lineage.length} of this lineage:</span>
          <button type="button" onClick={() => void acknowledgeLineage()}>acknowledge</button>
          <button type="button" onClick={() => void close('theft', true)}>close as theft</button>
          <button type="button" onClick={() => void close('false_alarm', true)}>close as a false alarm</button>
        </p>
      ) : null}
    </section>
  );
}
