import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { AlertSummary } from '../../../src/server/api/shapes.ts';
import { Mark, ResponseMark } from './bits.tsx';
import { grouped, hasMore, loadMore, rows, total } from './queue-state.ts';
import { hrefOf, route, select, selectedId } from './route.ts';
import { nowMs } from './state.ts';
import { ago, bytes, count, moment, plain, severityOf } from './words.ts';

/** Every row is as high as this, so that its place follows from its number. As in the style sheet. */
const rowHeight = 98;
/** Kept beyond what is seen, above and below. */
const spare = 8;
/** So near to the end, more is asked for. */
const ahead = 60;

const box = signal<HTMLElement | null>(null);
const seen = signal({ top: 0, height: 800 });

/** Only the rows that are seen exist, however many there are. */
export function Rows() {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const own = element.current as HTMLDivElement;
    const measure = (): void => { seen.value = { top: own.scrollTop, height: own.clientHeight }; };
    const observer = new ResizeObserver(measure);
    observer.observe(own);
    own.addEventListener('scroll', measure, { passive: true });
    box.value = own;
    return () => {
      observer.disconnect();
      box.value = null;
    };
  }, []);
  const list = rows.value;
  const first = Math.max(0, Math.floor(seen.value.top / rowHeight) - spare);
  const last = Math.min(list.length, Math.ceil((seen.value.top + seen.value.height) / rowHeight) + spare);
  useEffect(() => { if (last + ahead > list.length && hasMore()) void loadMore(); }, [last, list.length]);
  return (
    <div class="rows" ref={element}>
      <ul style={{ height: `${list.length * rowHeight}px` }}>
        {list.slice(first, last).map((alert, place) => <Row key={alert.id} alert={alert} place={first + place} />)}
      </ul>
    </div>
  );
}

function Row({ alert, place }: { alert: AlertSummary; place: number }) {
  const severity = severityOf(alert.severity);
  const where = alert.network === null ? 'unknown network' : alert.network.name ?? alert.network.asOrganization ?? alert.network.block;
  const isSelected = alert.id === selectedId.value;
  return (
    <li
      id={`row-${alert.id}`} class={`row severity-${severity} status-${alert.status} ${isSelected ? 'selected' : ''}`}
      style={{ top: `${place * rowHeight}px` }} aria-setsize={total.value} aria-posinset={place + 1}
    >
      <a
        href={hrefOf('alerts', alert.id, route.value.query)} aria-current={isSelected}
        onClick={(event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); select(alert.id); } }}
      >
        <span class="line">
          <Mark severity={severity} />
          <strong>{plain(alert.identityName ?? alert.identityId ?? 'unknown')}</strong>
          <time title={moment(alert.createdMs)}>{ago(alert.createdMs, nowMs.value)}</time>
        </span>
        <span class="title">{plain(alert.title)}</span>
        <span class="sentence" title={plain(alert.reason)}>{plain(alert.reason)}</span>
        <span class="line facts">
          {alert.response === null ? null : <ResponseMark state={alert.response.state} />}
          {alert.status === 'open' ? null : <span class="status">{alert.status}</span>}
          {grouped.value.has(alert.id) ? <strong>and {count((grouped.value.get(alert.id) as number) - 1)} more</strong> : null}
          {alert.owner === null ? null : <span>{plain(alert.owner)}</span>}
          {alert.bytesOut > 0 ? <span>{bytes(alert.bytesOut)} out</span> : null}
          <span>{alert.count === 1 ? '1 event' : `${count(alert.count)} events`}</span>
          {alert.workload === null || isSelf(alert) ? null : <span title={plain(alert.workload)}>{plain(endOf(alert.workload))}</span>}
          <span class="where">{plain(where)}</span>
        </span>
      </a>
    </li>
  );
}

/** Paths of workloads end with what they are called. */
function endOf(workload: string): string {
  return workload.slice(workload.lastIndexOf('/') + 1) || workload;
}

/** The workload is called as its identity, which stands there already. */
function isSelf({ workload, identityName, identityId }: AlertSummary): boolean {
  return workload === null || endOf(workload) === (identityName ?? identityId);
}

/** The alert so many rows further is chosen and brought into sight. */
export function move(by: number): void {
  const list = rows.value;
  const place = list.findIndex(({ id }) => id === selectedId.value);
  const target = Math.min(list.length - 1, Math.max(0, place + by));
  const row = list[target];
  if (row === undefined) return;
  select(row.id);
  const own = box.value;
  if (own === null) return;
  const top = target * rowHeight;
  if (top < own.scrollTop) own.scrollTop = top;
  else if (top + rowHeight > own.scrollTop + own.clientHeight) own.scrollTop = top + rowHeight - own.clientHeight;
}
