import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { IncidentDetail, IncidentSummary } from '../../../src/server/api/shapes.ts';
import { Activity } from './activity.tsx';
import { api } from './api.ts';
import { Fact, Id, Mark, ResponseMark, When } from './bits.tsx';
import { Calendar } from './calendar.tsx';
import { incident } from './detail-state.ts';
import { knownAs, networkWords, Token } from './facts.tsx';
import { Graph } from './graph.tsx';
import { IdentityLink } from './identity-link.tsx';
import { Links } from './links.tsx';
import { Origins } from './origins.tsx';
import { Plan } from './plan.tsx';
import { hrefOf, route } from './route.ts';
import { attempt, status } from './state.ts';
import { Table } from './table.tsx';
import { Timeline } from './timeline.tsx';
import { VendorApproval } from './vendor.tsx';
import { Amounts } from './why.tsx';
import { Touched } from './touched.tsx';
import { bytes, count, duration, plain, severityOf } from './words.ts';

export function Incidents() {
  return route.value.id === null ? <List /> : <One id={route.value.id} />;
}

const listed = signal<readonly IncidentSummary[] | null>(null);

function List() {
  const change = status.value?.cursor ?? 0;
  useEffect(() => {
    void attempt(async () => { listed.value = (await api.incidents(new URLSearchParams({ limit: '200' }))).incidents; });
  }, [change]);
  if (listed.value === null) return <section class="wide"><p class="nothing">Loading…</p></section>;
  return (
    <section class="wide">
      <h1>Incidents</h1>
      {listed.value.length === 0 ? <p class="nothing">None. It is quiet.</p> : (
        <Table label="incidents" head={['severity', 'whose', 'what', '#alerts', 'state', 'response', '#bytes out', 'began', 'last']}>
          {listed.value.map((one) => (
            <tr key={one.id}>
              <td><Mark severity={severityOf(one.severity)} /></td>
              <th scope="row"><a href={hrefOf('incidents', one.id)} title={plain(one.identityIds.join('\n'))}>{whose(one)}</a></th>
              <td>{kindWords(one)}</td>
              <td class="number">{count(one.alertIds.length)}</td>
              <td>{one.status}</td>
              <td>{one.response === null ? 'none planned' : <ResponseMark state={one.response.state} />}</td>
              <td class="number">{bytes(one.bytesOut)}</td>
              <td><When at={one.startMs} /></td>
              <td><When at={one.endMs} /></td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

/** Ids begin with who gave them: their ends tell more. */
function whose({ identityIds }: IncidentSummary): string {
  const names = identityIds.slice(0, 3).map((id) => id.split(/[|/]/).findLast((part) => part !== '') ?? id);
  return plain(`${names.join(', ') || 'unknown'}${identityIds.length > 3 ? ` and ${identityIds.length - 3} more` : ''}`);
}

function One({ id }: { id: string }) {
  const shown = incident.value;
  if (shown === null || shown.summary.id !== id) return <section class="wide"><p class="nothing">Loading…</p></section>;
  return (
    <section class="wide detail" aria-label="incident">
      <Heading shown={shown} />
      <Stages stages={shown.summary.stages} />
      <VendorApproval shown={shown} />
      <Timeline entries={shown.timeline} />
      {shown.activity === null ? null : <Activity activity={shown.activity} startMs={shown.summary.startMs} />}
      <Plan intents={shown.intents} dependents={shown.dependents} />
      <Whole shown={shown} />
      <Alerts shown={shown} />
      <Usual shown={shown} />
      <Touched of="incidents" id={id} change={shown.cursor} />
      <section class="facts-grid">
        <h2>What it touches</h2>
        <dl>
          <Fact name={shown.identities.length === 1 ? 'identity' : 'identities'}>
            {shown.identities.map(({ id: own, name, kind, owner }) => (
              <div key={own}><IdentityLink id={own} name={name} /> · {kind}, {plain(owner ?? 'no owner named')}</div>
            ))}
          </Fact>
          <Fact name={shown.tokens.length === 1 ? 'token' : 'tokens'}>{shown.tokens.map((token) => <Token key={token.fingerprint} token={token} />)}</Fact>
          <Fact name={shown.networks.length === 1 ? 'network' : 'networks'}>{shown.networks.map((one) => <div key={one.block}>{networkWords(one)}</div>)}</Fact>
          <Fact name="objects">
            {shown.resources.length === 0 ? 'none named in the logs' : shown.resources.map((one) => <div key={one}><Id text={one} /></div>)}
          </Fact>
          <Fact name="incident"><Id text={id} /></Fact>
        </dl>
      </section>
    </section>
  );
}

/** Whose tokens they are, who uses them, from where, and what was taken. */
function Whole({ shown: { identities, tokens, dependents, networks, resources } }: { shown: IncidentDetail }) {
  const [first] = identities;
  const name = first === undefined ? 'unknown' : first.name ?? first.id;
  return (
    <Graph
      identity={{ name, kind: identities.length > 1 ? `and ${identities.length - 1} more` : first?.kind ?? '' }}
      tokens={tokens.map(({ handle, fingerprint }) => handle ?? fingerprint)} dependents={dependents} networks={networks} resources={resources}
    />
  );
}

/** When and from where the first alert's identity works. */
function Usual({ shown: { uses, activity, alerts, summary } }: { shown: IncidentDetail }) {
  if (uses.length === 0) return null;
  return (
    <section>
      <h2>From where, and when it works</h2>
      <Origins uses={uses} />
      <Calendar uses={uses} hours={activity?.hours ?? null} markedMs={alerts.map(({ startMs }) => startMs)} untilMs={summary.endMs} />
    </section>
  );
}

/** Each alert with what it holds against what was usual, as a picture. */
function Alerts({ shown: { alerts, why, activity } }: { shown: IncidentDetail }) {
  const reasons = new Map(why.map((one) => [one.alertId, one]));
  return (
    <section>
      <h2>Alerts · {count(alerts.length)}</h2>
      <ul class="incident-alerts">
        {alerts.map((one) => {
          const own = reasons.get(one.id);
          return (
            <li key={one.id}>
              <p class="line">
                <Mark severity={severityOf(one.severity)} /><a href={hrefOf('alerts', one.id)}>{plain(one.title)}</a>
                <span class="small">{one.status} · <When at={one.startMs} /></span>
              </p>
              <p>{plain(one.reason)}</p>
              {own === undefined ? null : <p class="small">{knownAs(own)}</p>}
              {own === undefined ? null : <Amounts why={own} activity={activity} startMs={one.startMs} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const kinds: Readonly<Record<IncidentSummary['kind'], (name: string) => string>> = {
  'single': () => '', 'chain': () => 'Several stages of one intrusion', 'estate-change': (name) => `Several moved to ${name} and left their old places`,
  'campaign': (name) => `Campaign: several identities at ${name}`, 'vendor-compromise': (name) => `Credentials that ${name} holds deviate alike`,
};

function kindWords({ kind, name }: IncidentSummary): string {
  return plain(kinds[kind](name ?? 'one place'));
}

/** How far it has come, one word for each stage, each leading to its first alert. */
function Stages({ stages }: { stages: IncidentSummary['stages'] }) {
  if (stages.length < 2) return null;
  return (
    <section>
      <h2>Stages</h2>
      <ol class="stages">
        {stages.map(({ stage, timeMs, alertId, detector }) => (
          <li key={stage} class="line"><When at={timeMs} /><a href={hrefOf('alerts', alertId)}>{stage}</a><span>{detector}</span></li>
        ))}
      </ol>
    </section>
  );
}

function Heading({ shown: { summary, alerts, links } }: { shown: IncidentDetail }) {
  const names = [...new Set(alerts.map(({ identityName, identityId }) => identityName ?? identityId ?? 'unknown'))];
  return (
    <header>
      <p class="line">
        <Mark severity={severityOf(summary.severity)} /><span>{summary.status}</span><span>risk {Math.round(summary.riskScore)}</span>
        {summary.response === null ? null : <ResponseMark state={summary.response.state} />}
        {summary.mergedInto === null ? null : <a href={hrefOf('incidents', summary.mergedInto)}>went on in another incident</a>}
        <Links links={links} />
      </p>
      <h1>{plain(names.join(', '))}: {count(alerts.length)} {alerts.length === 1 ? 'alert' : 'alerts'}</h1>
      <p class="reason">
        {summary.kind === 'single' ? null : `${kindWords(summary)}. `}
        {bytes(summary.bytesOut)} have left. It began <When at={summary.startMs} isLong />;{' '}
        {summary.endMs - summary.startMs < 1000 ? 'what deviates was over at once' : `what deviates went on for ${duration(summary.endMs - summary.startMs)}`}.
      </p>
    </header>
  );
}
