import { useEffect, useState } from 'preact/hooks';
import type { ExceptionTerms, HiddenAlert, HiddenPage } from '../../../src/server/api/shapes-insight.ts';
import { api } from './api.ts';
import { Mark, When } from './bits.tsx';
import { IdentityLink } from './identity-link.tsx';
import { hrefOf } from './route.ts';
import { Scales } from './scale.tsx';
import { attempt } from './state.ts';
import { bytes, count, plain, severityOf } from './words.ts';
import { Numbers } from './why.tsx';

const pageRows = 50;

/** What exceptions hid of one identity, folded: it is in no queue, and nobody is to take it for something that is. */
export function HiddenAlerts({ identity, count: many }: { identity: string; count: number }) {
  if (many === 0) return null;
  return (
    <section class="card hidden-alerts">
      <details>
        <summary>{count(many)} {many === 1 ? 'alert' : 'alerts'} that nobody was told of, because an exception hides {many === 1 ? 'it' : 'them'}</summary>
        <HiddenList asked={{ identity }} />
      </details>
    </section>
  );
}

/** `asked`: of which identity, or by which exception. */
export function HiddenList({ asked }: { asked: Readonly<Record<string, string>> }) {
  const [page, setPage] = useState<HiddenPage | null>(null);
  const key = new URLSearchParams(asked).toString();
  const load = async (after: string | null): Promise<void> => {
    const query = new URLSearchParams({ ...asked, limit: String(pageRows), ...(after === null ? {} : { after }) });
    await attempt(async () => {
      const found = await api.hidden(query);
      setPage((before) => (after === null || before === null ? found : { ...found, alerts: [...before.alerts, ...found.alerts] }));
    });
  };
  useEffect(() => { void load(null); }, [key]);
  if (page === null) return <p class="nothing">Loading…</p>;
  if (page.alerts.length === 0) return <p class="nothing">It has hidden nothing.</p>;
  return (
    <>
      <ul class="hidden-list">{page.alerts.map((one) => <Hidden key={one.summary.id} one={one} />)}</ul>
      <p class="line small">
        <span role="status">{count(page.alerts.length)} of {count(page.total)}</span>
        {page.next === null ? null : <button type="button" onClick={() => void load(page.next)}>more</button>}
      </p>
    </>
  );
}

function peopleOf({ author, approver }: ExceptionTerms): string {
  return plain(approver === null ? `wanted quiet by ${author}` : `asked for by ${author}, agreed by ${approver}`);
}

function Hidden({ one: { summary, hiddenBy, terms, baseline, observed, networks } }: { one: HiddenAlert }) {
  return (
    <li>
      <p class="line">
        <Mark severity={severityOf(summary.severity)} />
        <strong>{plain(summary.title)}</strong>
        <span>of <IdentityLink id={summary.identityId} name={summary.identityName} /></span>
        <span class="small">
          <When at={summary.startMs} /> · {count(summary.count)} {summary.count === 1 ? 'event' : 'events'} ·{' '}
          {summary.bytesOut > 0 ? `${bytes(summary.bytesOut)} out · ` : ''}{networks.map((network) => plain(network)).join(', ')}
        </span>
      </p>
      <p>{plain(summary.reason)}</p>
      <p class="small">
        hidden by <a href={hrefOf('exceptions', hiddenBy)}>{plain(hiddenBy)}</a>
        {terms === null ? ', which is no longer configured' : <>: {plain(terms.reason)} ({peopleOf(terms)}, until <When at={terms.untilMs} />)</>}
      </p>
      <details>
        <summary>what was usual, what was seen</summary>
        <Scales baseline={baseline} observed={observed} />
        <div class="columns">
          <div class="seen"><h3>Seen</h3><Numbers values={observed} /></div>
          <div><h3>Usual</h3><Numbers values={baseline} /></div>
        </div>
      </details>
    </li>
  );
}
