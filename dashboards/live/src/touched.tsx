import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MintedView, TouchedPage, TouchedView } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { Id, When } from './bits.tsx';
import { refresher } from './state.ts';
import { Table } from './table.tsx';
import { bytes, count, plain } from './words.ts';

/** Between two looks: it is long, and grows with every event. */
const pauseMs = 1_000;

/** Whose flight recorder is shown. */
export interface Recorded { readonly of: 'alerts' | 'incidents'; readonly id: string; readonly change: number }

const shown = signal<{ readonly id: string; readonly page: TouchedPage } | null>(null);
let asked: Recorded | null = null;

const load = refresher(async () => {
  if (asked === null) return;
  const { of, id } = asked;
  const page = await api.touched(of, id).catch(() => null);
  if (page !== null && asked?.id === id) shown.value = { id, page };
}, pauseMs);

/** Every object that was touched since the first alert, and what was issued. */
export function Touched({ of, id, change }: Recorded) {
  useEffect(() => {
    asked = { of, id, change };
    void load();
  }, [of, id, change]);
  if (shown.value?.id !== id) return null;
  const { page } = shown.value;
  if (page.events === 0) return null;
  return (
    <>
      <section class="touched">
        <h2>What was touched</h2>
        <p class="small">{summary(page)}</p>
        <Table label="touched objects" head={['object', 'from', '#calls', '#refused', '#bytes out', 'first', 'last', 'told by']}>
          {page.objects.map((one) => <Line key={[one.resource, one.object, one.network, one.vantage, one.isHop, one.token].join(' ')} one={one} />)}
        </Table>
        {page.total <= page.objects.length ? null : <p class="small">{count(page.objects.length)} of {count(page.total)}, those that took most.</p>}
      </section>
      <section class="minted">
        <h2>What was minted</h2>
        {page.minted.length > 0 ? <Minted tokens={page.minted} />
          : <p>Nothing: no token was issued to this lineage since its first alert, as far as the logs tell.</p>}
      </section>
    </>
  );
}

function summary({ events, missedEvents, missedBytes, endedMs }: TouchedPage): string {
  const missed = missedEvents === 0 ? '' : ` ${count(missedEvents)} more with ${bytes(missedBytes)} did not fit.`;
  return `All ${count(events)} events of the lineage since its first alert, the owner's too${endedMs === null ? '' : ', until it was closed'}.${missed}`;
}

function Line({ one }: { one: TouchedView }) {
  const name = [one.resource, one.object].filter((part) => part !== null).join(' · ');
  return (
    <tr class={one.suspect ? 'suspect' : ''}>
      <th scope="row">{name === '' ? 'not named' : <Id text={name} />}</th>
      <td>{plain(one.network ?? 'unknown')}{one.suspect ? <strong> deviates</strong> : null}</td>
      <td class="number">{count(one.events)}</td>
      <td class="number">{count(one.refused)}</td>
      <td class="number">{bytes(one.bytesOut)}</td>
      <td><When at={one.firstMs} /></td>
      <td><When at={one.lastMs} /></td>
      <td>{one.vantage}{one.isHop ? ', the same requests' : ''}</td>
    </tr>
  );
}

function Minted({ tokens }: { tokens: readonly MintedView[] }) {
  return (
    <Table label="minted tokens" head={['token', 'kind', 'by', 'from', 'at', 'now']}>
      {tokens.map((one) => (
        <tr key={`${one.fingerprint} ${one.timeMs}`} class={one.suspect ? 'suspect' : ''}>
          <th scope="row"><Id text={one.handle ?? one.fingerprint} /></th>
          <td>{(one.kind ?? 'unknown').replaceAll('_', ' ')}</td>
          <td>{plain(one.action ?? 'unknown')}</td>
          <td>{plain(one.network ?? 'unknown')}{one.suspect ? <strong> deviates</strong> : null}</td>
          <td><When at={one.timeMs} /></td>
          <td>{one.revokedAtMs === null ? 'not known to be revoked' : <>revoked <When at={one.revokedAtMs} /></>}</td>
        </tr>
      ))}
    </Table>
  );
}
