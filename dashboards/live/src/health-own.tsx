import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CanaryView } from '../../../src/server/api/shapes.ts';
import type { BudgetView, HealthView, TableView } from '../../../src/server/api/shapes-insight.ts';
import { api } from './api.ts';
import { When } from './bits.tsx';
import { attempt, nowMs, status } from './state.ts';
import { Table } from './table.tsx';
import { bytes, count, duration, plain } from './words.ts';

const health = signal<HealthView | null>(null);
/** Networks change hands: an older table names the wrong owner too often. As `doctor` judges it. */
const oldTableMs = 180 * 86_400_000;

/** What the service promises and what it measured of itself. */
export function OwnHealth() {
  const asked = status.value?.nowMs ?? 0;
  useEffect(() => { void attempt(async () => { health.value = await api.health(); }); }, [asked]);
  const canaries = status.value?.canaries ?? [];
  return (
    <>
      {health.value === null ? null : <Budgets health={health.value} />}
      <Canaries canaries={canaries} />
    </>
  );
}

export function Knowledge() {
  if (health.value === null) return null;
  const { tables, versions } = health.value;
  return (
    <section class="card">
      <h2>What it knows by</h2>
      <Table label="tables and versions" head={['what', 'of']}>
        {tables.map((one) => <TableRow key={one.name} table={one} />)}
        {versions.map(({ name, version }) => <tr key={name}><th scope="row">{name}</th><td>{plain(version)}</td></tr>)}
      </Table>
    </section>
  );
}

function TableRow({ table: { name, builtMs } }: { table: TableView }) {
  const isOld = builtMs !== null && nowMs.value - builtMs > oldTableMs;
  return (
    <tr>
      <th scope="row">{plain(name)}</th>
      <td>
        {builtMs === null ? 'unknown' : <><When at={builtMs} />, {duration(nowMs.value - builtMs)} old</>}
        {isOld ? <strong class="refused-count"> too old: networks change hands</strong> : null}
      </td>
    </tr>
  );
}

const names: Readonly<Record<BudgetView['name'], readonly [name: string, of: string]>> = {
  event_delay: ['from the record to its stored effects', 'p99 since the start, with the delay of the log itself'],
  commit: ['one commit of effects', 'p99 since the start'],
  checkpoint: ['one checkpoint of the state', 'p99 since the start'],
  outbox_age: ['documents wait for a sink', 'the longest now'],
  memory: ['memory of the process', 'now'], disk: ['the store', 'now'],
};

function Budgets({ health: { budgets, identities } }: { health: HealthView }) {
  const text = (value: number, unit: BudgetView['unit']): string => (unit === 'bytes' ? bytes(value) : duration(value));
  return (
    <section class="card">
      <h2>Promised and measured</h2>
      <Table label="budgets" head={['what', '#measured', '#promised', '', 'how']}>
        {budgets.map(({ name, unit, promised, measured }) => {
          const isKept = measured === null || measured <= promised;
          const share = measured === null ? 0 : Math.min(100, 100 * measured / promised);
          const words = measured === null ? 'nothing yet' : name === 'outbox_age' && measured === 0 ? 'nothing waits' : text(measured, unit);
          return (
            <tr key={name}>
              <th scope="row">{names[name][0]}</th>
              <td class="number">{isKept ? words : <strong class="refused-count">{words}</strong>}</td>
              <td class="number">{text(promised, unit)}</td>
              <td class="share">
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="track" width="100" height="8" /><rect class={isKept ? 'part' : 'beyond'} width={share} height="8" />
                </svg>
              </td>
              <td class="small how">{names[name][1]}</td>
            </tr>
          );
        })}
      </Table>
      <p class="small">Memory and disk as planned for {count(identities)} known identities.</p>
    </section>
  );
}

/** The delay with which a theft in each log would be found. */
function Canaries({ canaries }: { canaries: readonly CanaryView[] }) {
  return (
    <section class="card">
      <h2>Canaries</h2>
      {canaries.length === 0 ? <p class="small">None is configured: nobody would notice a log that stands still before the next theft in it.</p> : (
        <Table label="canaries" head={['canary', 'source', 'state', 'last seen', '#delay', '#promised']}>
          {canaries.map((one) => (
            <tr key={one.name}>
              <th scope="row">{plain(one.name)}</th><td>{plain(one.source)}</td>
              <td>{one.isMissing ? <strong class="refused-count">missing</strong> : one.lastMs === null ? 'not seen yet' : 'comes'}</td>
              <td>{one.lastMs === null ? 'never' : <><When at={one.lastMs} />, each {duration(one.everyMs)}</>}</td>
              <td class="number"><Delay canary={one} /></td>
              <td class="number">{duration(one.withinMs)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Delay({ canary: { delayMs, withinMs } }: { canary: CanaryView }) {
  if (delayMs === null) return <>unknown</>;
  return delayMs > withinMs ? <strong class="refused-count">{duration(delayMs)}</strong> : <>{duration(delayMs)}</>;
}
