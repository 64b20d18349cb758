import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AlertSummary, FlawView } from '../../../src/server/api/shapes.ts';
import type { IdentityDetail } from '../../../src/server/api/shapes-insight.ts';
import { Activity } from './activity.tsx';
import { api } from './api.ts';
import { Fact, Id, Mark, When } from './bits.tsx';
import { Calendar } from './calendar.tsx';
import { HiddenAlerts } from './hidden.tsx';
import { Life } from './life.tsx';
import { Origins } from './origins.tsx';
import { hrefOf, route } from './route.ts';
import { attempt, nowMs, status } from './state.ts';
import { Step } from './step.tsx';
import { Table } from './table.tsx';
import { TokenTable } from './tokens.tsx';
import { ago, bytes, count, plain, severityOf } from './words.ts';

const shown = signal<{ readonly id: string; readonly detail: IdentityDetail | null } | null>(null);

async function load(id: string): Promise<void> {
  await attempt(async () => {
    const detail = await api.identity(id);
    if (route.value.id === id) shown.value = { id, detail };
  });
}

/** Whose life it is: everything that is known of one identity. */
export function IdentityPage() {
  const { id } = route.value;
  const change = status.value?.cursor ?? 0;
  useEffect(() => { if (id !== null) void load(id); }, [id, change]);
  if (id === null) return <Nobody title="Identity">Search for it by what it carries: <a href={hrefOf('tokens')}>tokens</a>.</Nobody>;
  if (shown.value?.id !== id) return <section class="wide"><p class="nothing">Loading…</p></section>;
  const { detail } = shown.value;
  if (detail === null) return <Nobody title={plain(id)}>No event has named it so far.</Nobody>;
  return <Known detail={detail} />;
}

function Nobody({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return <section class="wide"><h1>{title}</h1><p class="nothing">{children}</p></section>;
}

function Known({ detail }: { detail: IdentityDetail }) {
  const { identity, activity, uses, alerts, intents } = detail;
  const untilMs = Math.max(identity.lastSeenMs ?? 0, status.value?.lastEventMs ?? 0);
  return (
    <section class="wide detail" aria-label="identity" key={identity.id}>
      <Heading detail={detail} />
      <Life shown={detail} untilMs={untilMs} />
      <section class="card">
        <h2>When it works</h2>
        <Calendar uses={uses} hours={activity?.hours ?? null} markedMs={alerts.map(({ startMs }) => startMs)} untilMs={untilMs} />
      </section>
      {activity === null ? null : <Activity activity={activity} startMs={Infinity} />}
      {uses.length === 0 ? null : <section class="card"><h2>From where</h2><Origins uses={uses} /></section>}
      <Users detail={detail} />
      <Alerts alerts={alerts} total={detail.alertTotal} />
      <HiddenAlerts identity={identity.id} count={detail.hidden} />
      {intents.length === 0 ? null : (
        <section class="plan">
          <h2>What was done, or is to be · {count(intents.length)}</h2>
          <ol>{intents.map((intent) => <Step key={intent.id} intent={intent} isAlone />)}</ol>
        </section>
      )}
      <Flaws detail={detail} />
      <section class="card">
        <h2>Tokens · {count(detail.tokenTotal)}</h2>
        <TokenTable tokens={detail.tokens} isOfOne />
        {detail.tokenTotal <= detail.tokens.length ? null : (
          <p class="small">
            <a href={hrefOf('tokens', null, new URLSearchParams({ identity: identity.id }))}>all {count(detail.tokenTotal)}</a>, here those used last
          </p>
        )}
      </section>
      <Notes detail={detail} />
    </section>
  );
}

function Heading({ detail: { identity, workload, listed, alerts, tokenTotal } }: { detail: IdentityDetail }) {
  const open = alerts.filter(({ status: state }) => state !== 'closed').length;
  return (
    <header>
      <p class="line">
        <span>{identity.kind}</span>
        {open === 0 ? <span>no open alert</span> : <span class="pill bad">{count(open)} open {open === 1 ? 'alert' : 'alerts'}</span>}
        <span>{count(tokenTotal)} {tokenTotal === 1 ? 'token' : 'tokens'} known</span>
        {identity.lastSeenMs === null ? null : <span>last seen {ago(identity.lastSeenMs, nowMs.value)}</span>}
      </p>
      <h1>{plain(identity.name ?? identity.id)}</h1>
      <div class="facts-grid"><dl>
        <Fact name="id"><Id text={identity.id} /></Fact>
        <Fact name="owner">{plain([identity.owner ?? 'nobody named in the inventory', listed?.team].filter(Boolean).join(', team '))}</Fact>
        <Fact name="workload">
          {workload === null ? 'unknown' : <Id text={workload.id} />}{typeof workload?.evidence === 'string' ? ` known by the ${workload.evidence}` : ''}
        </Fact>
        {identity.account === null ? null : <Fact name="account">{plain(identity.account)}</Fact>}
        {identity.firstSeenMs === null ? null : <Fact name="first seen"><When at={identity.firstSeenMs} isLong /></Fact>}
        {listed === null ? null : <Fact name="inventory">{inventoryWords(listed)}</Fact>}
      </dl></div>
    </header>
  );
}

function inventoryWords({ criticality, vendor, environment, labels, reviewMs, retiredMs, ownerLeftMs }: NonNullable<IdentityDetail['listed']>) {
  const parts = [
    environment, criticality === null ? null : `${criticality} criticality`, vendor === null ? null : `held by ${vendor}`, ...labels,
  ].filter((part) => part !== null).map((part) => plain(part));
  const dates = [['to be reviewed', reviewMs], ['retired', retiredMs], ['its owner left', ownerLeftMs]] as const;
  return (
    <>
      {parts.join(' · ') || 'listed'}
      {dates.map(([word, atMs]) => (atMs === null ? null : <span key={word}> · {word} <When at={atMs} /></span>))}
    </>
  );
}

function Users({ detail: { uses } }: { detail: IdentityDetail }) {
  if (uses.length === 0) return null;
  return (
    <section class="card">
      <h2>Who uses it, and depends on it</h2>
      <Table label="users" head={['user', 'network', '#calls', 'first', 'last', 'what for']}>
        {uses.map((one) => (
          <tr key={`${one.user} ${one.network?.block ?? ''} ${one.firstMs}`} class={one.suspect ? 'suspect' : ''}>
            <th scope="row">{plain(one.user)}{one.suspect ? <> <span class="pill bad">deviates</span></> : null}</th>
            <td>{plain(one.network?.block ?? 'unknown')}</td>
            <td class="number">{count(one.calls)}</td>
            <td><When at={one.firstMs} /></td>
            <td><When at={one.lastMs} /></td>
            <td class="wraps">{one.resources.map((name) => plain(name)).join(', ')}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Alerts({ alerts, total }: { alerts: readonly AlertSummary[]; total: number }) {
  return (
    <section class="card">
      <h2>Alerts · {count(total)}</h2>
      {alerts.length === 0 ? <p class="small">None was ever raised.</p> : (
        <Table label="alerts" head={['severity', 'what', 'began', '#events', '#bytes out', 'state']}>
          {alerts.map((one) => (
            <tr key={one.id}>
              <td><Mark severity={severityOf(one.severity)} /></td>
              <th scope="row"><a href={hrefOf('alerts', one.id)}>{plain(one.title)}</a></th>
              <td><When at={one.startMs} /></td>
              <td class="number">{count(one.count)}</td>
              <td class="number">{bytes(one.bytesOut)}</td>
              <td>{one.status}{one.closedAs === null ? '' : ` as ${one.closedAs.replaceAll('_', ' ')}`}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

/** What is wrong with its credentials, each thing once. */
function Flaws({ detail: { tokens } }: { detail: IdentityDetail }) {
  const flaws = new Map<string, { readonly flaw: FlawView; tokens: number }>();
  for (const flaw of tokens.flatMap(({ posture }) => posture)) {
    const known = flaws.get(flaw.kind);
    if (known === undefined) flaws.set(flaw.kind, { flaw, tokens: 1 });
    else known.tokens++;
  }
  return (
    <section class="card">
      <h2>Posture</h2>
      {flaws.size === 0 ? <p class="small">Nothing is wrong with the tokens shown below.</p> : (
        <Table label="posture" head={['what is wrong', '#tokens', 'what to do', '']}>
          {[...flaws.values()].map(({ flaw, tokens: many }) => (
            <tr key={flaw.kind}>
              <th scope="row">{flaw.title}{flaw.isFact ? '' : <span class="small"> perhaps: no listing tells</span>}</th>
              <td class="number">{count(many)}</td><td class="wraps">{flaw.remedy}</td><td class="small">{flaw.owaspNhi.join(', ')}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Notes({ detail: { notes } }: { detail: IdentityDetail }) {
  if (notes.length === 0) return null;
  return (
    <section class="notes">
      <h2>Notes of its alerts</h2>
      <ol>
        {notes.map(({ alertId, atMs, by, text }) => (
          <li key={`${alertId} ${atMs} ${text}`}>
            <span class="small"><When at={atMs} isLong /> {plain(by)}, of <a href={hrefOf('alerts', alertId)}>an alert</a></span><p>{plain(text)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
