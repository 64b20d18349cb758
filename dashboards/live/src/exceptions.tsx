import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ExceptionTerms, ExceptionView } from '../../../src/server/api/shapes-insight.ts';
import { api } from './api.ts';
import { Fact, When } from './bits.tsx';
import { HiddenList } from './hidden.tsx';
import { hrefOf, route } from './route.ts';
import { attempt, status } from './state.ts';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

const listed = signal<readonly ExceptionView[] | null>(null);

const stateWords: Readonly<Record<ExceptionView['state'], string>> = {
  waits: 'begins later', holds: 'holds', ended: 'has ended', removed: 'no longer configured',
};

/** What people agreed not to be told of, and what that has hidden. None of it stands in the queue. */
export function Exceptions() {
  const { id } = route.value;
  const change = status.value?.cursor ?? 0;
  useEffect(() => { void attempt(async () => { listed.value = (await api.exceptions()).exceptions; }); }, [change]);
  if (listed.value === null) return <section class="wide"><p class="nothing">Loading…</p></section>;
  return id === null ? <List exceptions={listed.value} /> : <One name={id} known={listed.value.find(({ name }) => name === id) ?? null} />;
}

function List({ exceptions }: { exceptions: readonly ExceptionView[] }) {
  return (
    <section class="wide">
      <h1>Exceptions</h1>
      <p class="small">
        Findings that two people agreed not to be told of, for 90 days at most, and what one person wanted quiet for some hours. What they hide is
        kept and counted here, and stands in no queue.
      </p>
      {exceptions.length === 0 ? <p class="nothing">There is none: everything that is found is told.</p> : (
        <Table label="exceptions" head={['name', 'state', '#hidden', '#events', 'last', 'for whom', 'detectors', 'asked for by', 'agreed by', 'ends']}>
          {exceptions.map(({ name, state, terms, alerts, events, lastMs }) => (
            <tr key={name}>
              <th scope="row"><a href={hrefOf('exceptions', name)}>{plain(name)}</a></th>
              <td><span class={`pill ${state === 'holds' ? 'old' : ''}`}>{stateWords[state]}</span></td>
              <td class="number">{count(alerts)}</td>
              <td class="number">{count(events)}</td>
              <td>{lastMs === null ? 'never' : <When at={lastMs} />}</td>
              <td class="wraps">{terms === null ? 'unknown' : matchWords(terms)}</td>
              <td class="wraps">{terms === null ? 'unknown' : terms.detectors.join(', ')}</td>
              <td>{plain(terms?.author ?? 'unknown')}</td>
              <td>{plain(terms === null ? 'unknown' : terms.approver ?? 'nobody: one person\'s word')}</td>
              <td>{terms === null ? 'unknown' : <When at={terms.untilMs} />}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function One({ name, known }: { name: string; known: ExceptionView | null }) {
  const terms = known?.terms ?? null;
  return (
    <section class="wide detail" aria-label="exception">
      <header>
        <p class="line">
          <span>{terms?.isQuiet ? 'quiet for some hours' : terms?.kind ?? 'exception'}</span><span>{known === null ? 'unknown' : stateWords[known.state]}</span>
          <a href={hrefOf('exceptions')}>all exceptions</a>
        </p>
        <h1>{plain(name)}</h1>
        <p class="reason">{terms === null ? 'It is not configured any more: only what it hid is known.' : plain(terms.reason)}</p>
        {terms === null ? null : <Terms terms={terms} />}
      </header>
      <section class="card">
        <h2>What it hid · {count(known?.alerts ?? 0)}</h2>
        <HiddenList asked={{ exception: name }} />
      </section>
    </section>
  );
}

function Terms({ terms }: { terms: ExceptionTerms }) {
  return (
    <div class="facts-grid"><dl>
      <Fact name="for whom">{matchWords(terms)}</Fact>
      <Fact name="detectors">{terms.detectors.join(', ')}</Fact>
      <Fact name="networks">{terms.networks.length === 0 ? 'any' : terms.networks.map((network) => plain(network)).join(', ')}</Fact>
      <Fact name="asked for by">{plain(terms.author)}</Fact>
      <Fact name="agreed by">{plain(terms.approver ?? 'nobody: one person may want it quiet for up to 24 hours')}</Fact>
      <Fact name="holds">from <When at={terms.fromMs} isLong /> to <When at={terms.untilMs} isLong />, by the time of events</Fact>
    </dl></div>
  );
}

function matchWords({ match }: ExceptionTerms): string {
  return Object.entries(match).map(([key, value]) => `${key} ${plain(String(value))}`).join(', ');
}
