import { useState } from 'preact/hooks';
import type { AlertDetail, EcsDocument, EventPage } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { When } from './bits.tsx';
import { bytesOutOf, text } from './ecs.ts';
import { attempt } from './state.ts';
import { Table } from './table.tsx';
import { bytes, count, plain } from './words.ts';

/** The events that prove it, as far as they are still kept, and the alert as other systems get it. */
export function Evidence({ shown }: { shown: AlertDetail }) {
  const [page, setPage] = useState<EventPage | null>(null);
  const load = async (): Promise<void> => {
    await attempt(async () => setPage(await api.events(new URLSearchParams({ alert: shown.summary.id, limit: '100' }))));
  };
  return (
    <section class="evidence">
      <h2>Evidence</h2>
      <details onToggle={(event) => { if (event.currentTarget.open) void load(); }}>
        <summary>{count(shown.summary.count)} events; {shown.evidence.length} named</summary>
        {page === null ? null : <Events page={page} />}
      </details>
      <details>
        <summary>The alert as other systems get it</summary>
        <pre tabIndex={0}>{plainLines(JSON.stringify(shown.document, null, 2))}</pre>
      </details>
    </section>
  );
}

function Events({ page: { events, kept } }: { page: EventPage }) {
  if (events.length === 0) return <p class="small">None of them is among the last {count(kept)} events that are kept in memory.</p>;
  return (
    <Table label="events" head={['time', 'from', 'what', 'outcome', '#bytes out']}>
      {events.map((event, place) => (
        <tr key={place}>
          <td><When at={Date.parse(text(event, '@timestamp') ?? '')} /></td>
          <td>{plain(text(event, 'source', 'address') ?? '')}</td>
          <td>{plain(whatOf(event))}</td>
          <td>{text(event, 'event', 'outcome') ?? 'unknown'}</td>
          <td class="number">{bytes(bytesOutOf(event))}</td>
        </tr>
      ))}
    </Table>
  );
}

function whatOf(event: EcsDocument): string {
  return [text(event, 'event', 'action') ?? text(event, 'http', 'request', 'method'), text(event, 'url', 'path')].filter((one) => one !== null).join(' ');
}

function plainLines(json: string): string {
  return json.split('\n').map((line) => plain(line)).join('\n');
}
