import type { DenyListView, Status } from '../../../src/server/api/shapes.ts';
import { Fact, When, words } from './bits.tsx';
import { Knowledge, OwnHealth } from './health-own.tsx';
import { connection, nowMs, status } from './state.ts';
import { Table } from './table.tsx';
import { count, duration, plain } from './words.ts';

/** Whether what this page says can be relied on: what is read, how far behind, what is delivered. */
export function Health() {
  const now = status.value;
  if (now === null) return <section class="wide"><p class="nothing">Loading…</p></section>;
  const { sources, sinks, lastEventMs } = now;
  return (
    <section class="wide">
      <h1>Health</h1>
      <section class="facts-grid card">
        <dl>
          <Fact name="state">{now.ready ? 'ready' : `not ready: ${now.reasons.map((one) => plain(one)).join('; ')}`}</Fact>
          <Fact name="this page">{connection.value === 'live' ? 'follows live' : 'has lost touch: what it shows may be old'}</Fact>
          <Fact name="newest event">
            {lastEventMs === null ? 'none yet' : <><When at={lastEventMs} isLong />, {duration(nowMs.value - lastEventMs)} ago</>}
          </Fact>
          <Fact name="version">{now.version}, up for {duration(nowMs.value - now.startedMs)}</Fact>
        </dl>
      </section>
      <Sources sources={sources} />
      <OwnHealth />
      <Quarantine refused={now.quarantine} />
      {now.denyLists.length === 0 ? null : <DenyLists lists={now.denyLists} />}
      <Sinks sinks={sinks} />
      <Knowledge />
    </section>
  );
}

function Sources({ sources }: { sources: Status['sources'] }) {
  const age = (ms: number | null): string => (ms === null ? 'never' : `${duration(ms)} ago`);
  return (
    <section class="card">
      <h2>Sources</h2>
      <Table label="sources" head={['name', 'state', 'behind', 'last fetch', 'last event', 'detail']}>
        {sources.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td>{one.ok ? 'reads' : <strong class="refused-count">has stopped</strong>}</td>
            <td>{one.lagRecords === null ? 'unknown' : `${count(one.lagRecords)} records`}</td>
            <td>{age(one.lastFetchAgeMs)}</td>
            <td>{age(one.lastEventAgeMs)}</td>
            <td>{plain(one.detail)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Sinks({ sinks }: { sinks: Status['sinks'] }) {
  return (
    <section class="card">
      <h2>Where alerts go</h2>
      {sinks.length === 0 ? <p class="small">Nowhere but here.</p> : (
        <Table label="sinks" head={['name', 'state', 'waiting', 'for', 'detail']}>
          {sinks.map((one) => (
            <tr key={one.name}><th scope="row">{one.name}</th><td>{one.condition}</td><td>{count(one.waiting)}</td>
              <td>{one.waiting === 0 ? 'nothing' : duration(one.waitingMs)}</td><td>{plain(one.detail)}</td></tr>
          ))}
        </Table>
      )}
    </section>
  );
}

/** What could not be read. One's own fixed words, never the record's. */
function Quarantine({ refused }: { refused: Status['quarantine'] }) {
  return (
    <section class="card">
      <h2>Quarantine since the start</h2>
      {refused.length === 0 ? <p class="small">Nothing was refused.</p> : (
        <Table label="quarantine" head={['reason', 'records']}>
          {refused.map(({ reason, count: records }) => <tr key={reason}><th scope="row">{words(reason)}</th><td>{count(records)}</td></tr>)}
        </Table>
      )}
    </section>
  );
}

/** A gateway that has not fetched the newest list still lets through what is on it. */
function DenyLists({ lists }: { lists: readonly DenyListView[] }) {
  const rows = lists.flatMap((list) => list.gateways.map((gateway) => ({ list, gateway })));
  return (
    <section class="card">
      <h2>Deny lists</h2>
      <Table label="deny lists" head={['list', 'gateway', 'has number', 'newest', 'changed']}>
        {rows.map(({ list: { name, number, changedMs }, gateway }) => (
          <tr key={`${name} ${gateway.name}`}>
            <th scope="row">{name}</th>
            <td>{gateway.name}</td>
            <td>{gateway.number === number ? number : <strong class="refused-count">{gateway.number ?? 'none yet'}</strong>}</td>
            <td>{number}</td>
            <td>{changedMs === null ? 'never' : <When at={changedMs} />}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
