import { signal } from '@preact/signals';
import type { AlertDetail, EcsDocument } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { When } from './bits.tsx';
import { bytesOutOf, text } from './ecs.ts';
import { Table } from './table.tsx';
import { bytes, count, plain } from './words.ts';

const most = 500;
const mostCallers = 10;

/** The last uses of the shown alert's tokens, newest first, out of what the service keeps in memory. */
export const uses = signal<{ readonly alertId: string; readonly events: readonly EcsDocument[] } | null>(null);

/** Asks for them. What cannot be had is left as it was: the list is an addition. */
export async function loadUses({ summary, tokens }: AlertDetail): Promise<void> {
  const since = Math.floor(summary.startMs);
  const pages = await Promise.all(tokens.slice(0, 4).map(({ fingerprint }) => (
    api.events(new URLSearchParams({ token: fingerprint, since: String(since), limit: String(most) })).catch(() => null))));
  const events = pages.flatMap((page) => page?.events ?? []);
  uses.value = { alertId: summary.id, events };
}

interface Caller {
  readonly address: string;
  readonly organization: string | null;
  answered: number;
  refused: number;
  bytesOut: number;
  lastMs: number;
  lastRefusedMs: number | null;
}

/** Who shows the tokens since the alert began, and whether they still get an answer: this is where a dead token is seen to be dead. */
export function Uses({ shown }: { shown: AlertDetail }) {
  if (uses.value?.alertId !== shown.summary.id || uses.value.events.length === 0) return null;
  const callers = byAddress(uses.value.events);
  return (
    <section class="uses">
      <h2>Who shows it since</h2>
      <Table label="callers" head={['from', '#answered', '#refused', '#bytes out', 'last']}>
        {callers.slice(0, mostCallers).map((one) => (
          <tr key={one.address}>
            <th scope="row">{plain(one.address)}{one.organization === null ? '' : ` · ${plain(one.organization)}`}</th>
            <td class="number">{count(one.answered)}</td>
            <td class="number">{one.refused === 0 ? '0' : <strong class="refused-count">{count(one.refused)}</strong>}</td>
            <td class="number">{bytes(one.bytesOut)}</td>
            <td><When at={one.lastMs} /> {one.lastRefusedMs === one.lastMs ? <strong class="refused-count">refused</strong> : 'answered'}</td>
          </tr>
        ))}
      </Table>
      {callers.length > mostCallers ? <p class="small">and {count(callers.length - mostCallers)} addresses that were seen before these</p> : null}
    </section>
  );
}

function byAddress(events: readonly EcsDocument[]): Caller[] {
  const callers = new Map<string, Caller>();
  for (const event of events) {
    const address = text(event, 'source', 'ip') ?? text(event, 'source', 'address') ?? 'unknown address';
    const timeMs = Date.parse(text(event, '@timestamp') ?? '');
    const caller = callers.get(address) ?? {
      address, organization: text(event, 'source', 'as', 'organization', 'name'), answered: 0, refused: 0, bytesOut: 0, lastMs: 0, lastRefusedMs: null,
    };
    callers.set(address, caller);
    const isRefused = text(event, 'event', 'outcome') === 'failure';
    if (isRefused) caller.refused++;
    else caller.answered++;
    caller.bytesOut += bytesOutOf(event);
    caller.lastMs = Math.max(caller.lastMs, timeMs);
    if (isRefused) caller.lastRefusedMs = Math.max(caller.lastRefusedMs ?? 0, timeMs);
  }
  return [...callers.values()].sort((a, b) => b.lastMs - a.lastMs);
}
