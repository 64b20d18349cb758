import type { AlertDetail, NetworkView, TokenSummary } from '../../../src/server/api/shapes.ts';
import { Activity } from './activity.tsx';
import { acknowledge, close } from './deciding.ts';
import { Plan } from './plan.tsx';
import { Mark } from './queue.tsx';
import { detail, nowMs, select, selectedId } from './state.ts';
import { Uses } from './uses.tsx';
import { ago, bytes, count, day, duration, measure, moment, plain, severityOf, time } from './words.ts';

export function Detail() {
  const shown = detail.value;
  if (selectedId.value === null) {
    return <section class="detail empty"><p>Choose an alert. <kbd>j</kbd> <kbd>k</kbd> move, <kbd>?</kbd> shows all keys.</p></section>;
  }
  if (shown === null || shown.summary.id !== selectedId.value) return <section class="detail empty"><p>Loading…</p></section>;
  return (
    <section class="detail" aria-label="alert">
      <Heading shown={shown} />
      <Why shown={shown} />
      {shown.activity === null ? null : <Activity activity={shown.activity} startMs={shown.summary.startMs} />}
      <Plan shown={shown} />
      <Uses shown={shown} />
      <Facts shown={shown} />
      <Timeline shown={shown} />
      <Related shown={shown} />
    </section>
  );
}

function Heading({ shown }: { shown: AlertDetail }) {
  const { summary } = shown;
  return (
    <header>
      <p class="line">
        <Mark severity={severityOf(summary.severity)} />
        <span>{summary.status}</span>
        <span>risk {Math.round(shown.incident.riskScore)}</span>
        <span title={moment(summary.createdMs)}>raised {ago(summary.createdMs, nowMs.value)}</span>
        {summary.late ? <span class="pill old">late evidence</span> : null}
        <span class="spring" />
        <button type="button" class="quiet back" onClick={() => select(null)}>close</button>
      </p>
      <h1>{summary.title}</h1>
      <p class="reason">{plain(summary.reason)}</p>
      <p class="buttons">
        {summary.status === 'open' ? <button type="button" onClick={() => void acknowledge()}>Acknowledge <kbd>c</kbd></button> : null}
        {summary.status === 'closed' ? null : (
          <>
            <button type="button" onClick={() => void close('theft')}>It was theft</button>
            <button type="button" onClick={() => void close('benign')}>It is benign</button>
            <button type="button" onClick={() => void close('false_alarm')}>False alarm</button>
          </>
        )}
      </p>
    </header>
  );
}

/** What was usual beside what was seen. */
function Why({ shown }: { shown: AlertDetail }) {
  const list = (values: AlertDetail['baseline']) => Object.entries(values).map(([name, value]) => {
    const { label, text } = measure(name, value);
    return <div key={name}><dt>{label}</dt><dd>{text}</dd></div>;
  });
  return (
    <section class="why">
      <h2>Why</h2>
      <div class="columns">
        <div class="seen"><h3>Seen</h3><dl>{list(shown.observed)}</dl></div>
        <div><h3>Usual</h3><dl>{list(shown.baseline)}</dl></div>
        <div><h3>How sure</h3><dl>
          <div><dt>confidence</dt><dd>{Math.round(shown.confidence * 100)} %</dd></div>
          <div><dt>surprise</dt><dd>{Math.round(shown.surpriseBits)} bits</dd></div>
          <div><dt>rule</dt><dd>{shown.rule.id}</dd></div>
        </dl></div>
      </div>
    </section>
  );
}

function Facts({ shown }: { shown: AlertDetail }) {
  const { summary, identity, workload, tokens, networks, resources } = shown;
  return (
    <section class="facts-grid">
      <h2>Who, with what, from where</h2>
      <dl>
        <Fact name="identity">
          {plain(identity?.name ?? summary.identityName ?? identity?.id ?? 'unknown')}{identity === null ? '' : ` · ${identity.kind}`}
        </Fact>
        <Fact name="owner">{plain(identity?.owner ?? 'nobody named in the inventory')}</Fact>
        <Fact name="workload">{plain(workload?.id ?? 'unknown')}{typeof workload?.evidence === 'string' ? ` · by ${workload.evidence}` : ''}</Fact>
        <Fact name={tokens.length > 1 ? 'tokens' : 'token'}>{tokens.map((token) => <Token key={token.fingerprint} token={token} />)}</Fact>
        <Fact name={networks.length > 1 ? 'networks' : 'network'}>{networks.map((network) => <div key={network.block}>{networkWords(network)}</div>)}</Fact>
        <Fact name="left so far">{bytes(summary.bytesOut)} in {count(summary.count)} events, {duration(summary.endMs - summary.startMs)}</Fact>
        {resources.length === 0 ? null : <Fact name="touched">{resources.slice(0, 8).map((one) => <div key={one}><code>{plain(one)}</code></div>)}</Fact>}
        <Fact name="known as">{[...shown.rule.attack.map(({ technique }) => technique), ...shown.rule.owaspNhi].join(', ')}</Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Token({ token }: { token: TokenSummary }) {
  const issued = token.issuedAtMs === null ? 'issued at a time unknown' : `issued ${day(token.issuedAtMs)}, ${duration(nowMs.value - token.issuedAtMs)} ago`;
  return (
    <div>
      <code>{plain(token.handle ?? token.fingerprint)}</code> {token.kind} · {issued}
      {token.revokedAtMs === null ? null : <strong> · revoked {time(token.revokedAtMs)}</strong>}
    </div>
  );
}

function networkWords({ block, name, asOrganization, asNumber, country, class: kind }: NetworkView): string {
  const known = [name, asOrganization, asNumber === null ? null : `AS${asNumber}`, country, kind].filter((text) => text !== null && text !== undefined);
  return plain(`${block}${known.length === 0 ? '' : ` · ${known.join(', ')}`}`);
}

function Timeline({ shown }: { shown: AlertDetail }) {
  return (
    <section class="timeline">
      <h2>What happened</h2>
      <ol>
        {shown.timeline.map((entry, place) => (
          <li key={place} class={`is-${entry.kind}`}>
            <time title={moment(entry.timeMs)}>{entry.timeMs < shown.summary.startMs - 43_200_000 ? day(entry.timeMs) : time(entry.timeMs)}</time>
            <span>{plain(entry.text)}{entry.bytesOut === null ? '' : ` · ${bytes(entry.bytesOut)} gone by then`}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Related({ shown }: { shown: AlertDetail }) {
  const others = shown.related.filter(({ id }) => id !== shown.summary.id);
  if (others.length === 0) return null;
  return (
    <section>
      <h2>Same incident</h2>
      <ul class="related">
        {others.map((one) => (
          <li key={one.id}>
            <Mark severity={severityOf(one.severity)} />{' '}
            <a href={`#/alerts/${one.id}`} onClick={(event) => { event.preventDefault(); select(one.id); }}>{one.title}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}
