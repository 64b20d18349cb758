import type { AlertDetail, Series } from '../../../src/server/api/shapes.ts';
import { bytes, count } from './words.ts';

const width = 560;
const height = 150;
const left = 46;
const bottom = 34;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Steps of the scale to a tenfold. */
const perDecade = 4;

interface Seen { readonly value: number; readonly span: 'window' | 'hour' | 'day'; readonly unit: 'bytes' | 'requests' }

/** How much an hour, or a day, used to bring, and where what was seen lies. */
export function Histogram({ observed, hours, startMs }: { observed: AlertDetail['observed']; hours: Series; startMs: number }) {
  const seen = seenIn(observed);
  if (seen === null) return null;
  const before = stepsBefore(hours, startMs, seen);
  if (before.length < 5) return null;
  const text = (value: number): string => (seen.unit === 'bytes' ? bytes(value) : count(value));
  const place = (value: number): number => Math.floor(Math.log10(Math.max(1, value)) * perDecade);
  const [first, last] = [Math.min(...before.map(place)), Math.max(place(seen.value), ...before.map(place)) + 1];
  const bins = Array.from({ length: last - first + 1 }, (_, bin) => before.filter((value) => place(value) === first + bin).length);
  const most = Math.max(...bins);
  const step = (width - left - 10) / bins.length;
  const x = (value: number): number => left + (Math.log10(Math.max(1, value)) * perDecade - first) * step;
  const tall = (many: number): number => (many === 0 ? 0 : Math.max(2, many / most * (height - bottom - 18)));
  const lowest = Math.ceil(first / perDecade);
  const ticks = Array.from({ length: Math.floor(last / perDecade) - lowest + 1 }, (_, decade) => 10 ** (lowest + decade));
  const span = seen.span === 'day' ? 'day' : 'hour';
  const spoken = `of ${count(before.length)} ${span}s with uses before, the most brought ${text(Math.max(...before))}; seen: ${text(seen.value)}`;
  const atSeen = Math.min(width - 4, x(seen.value));
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken}>
        <text x={left - 6} y={22} text-anchor="end">{count(most)}</text>
        {bins.map((many, bin) => (
          <rect key={bin} class="usual" x={left + bin * step + 1} width={step - 2} y={height - bottom - tall(many)} height={tall(many)}>
            <title>{`${text(10 ** ((first + bin) / perDecade))} to ${text(10 ** ((first + bin + 1) / perDecade))}: ${count(many)} ${span}s`}</title>
          </rect>
        ))}
        <line class="axis-line" x1={left} x2={width} y1={height - bottom} y2={height - bottom} />
        {ticks.map((value) => <text key={value} x={x(value)} y={height - bottom + 14} text-anchor="middle">{text(value)}</text>)}
        <line class="seen-line" x1={atSeen} x2={atSeen} y1={14} y2={height - bottom} />
        <text class="seen-text" x={atSeen > width / 2 ? atSeen - 5 : atSeen + 5} y={22} text-anchor={atSeen > width / 2 ? 'end' : 'start'}>
          {text(seen.value)} in {seen.span === 'window' ? 'ten minutes' : `one ${seen.span}`}
        </text>
      </svg>
      <figcaption>how many {span}s brought how much, before it began{seen.span === 'window' ? '; seen in ten minutes alone' : ''}</figcaption>
    </figure>
  );
}

function seenIn(observed: AlertDetail['observed']): Seen | null {
  for (const [name, value] of Object.entries(observed)) {
    const [, span, unit] = /^(window|hour|day)(Bytes|Requests)$/.exec(name) ?? [];
    if (span !== undefined && unit !== undefined && typeof value === 'number') {
      return { value, span: span as Seen['span'], unit: unit === 'Bytes' ? 'bytes' : 'requests' };
    }
  }
  return null;
}

/** Those in which there was anything. */
function stepsBefore({ startMs: fromMs, bytesOut, calls }: Series, startMs: number, { span, unit }: Seen): number[] {
  const stepMs = span === 'day' ? dayMs : hourMs;
  const sums = new Map<number, number>();
  for (const [hour, value] of (unit === 'bytes' ? bytesOut : calls).entries()) {
    const atMs = fromMs + hour * hourMs;
    const step = Math.floor(atMs / stepMs);
    if ((step + 1) * stepMs <= startMs) sums.set(step, (sums.get(step) ?? 0) + value);
  }
  return [...sums.values()].filter((value) => value > 0);
}
