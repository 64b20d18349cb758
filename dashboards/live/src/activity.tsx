import type { ActivityView, Series } from '../../../src/server/api/shapes.ts';
import { bytes, day, moment, time } from './words.ts';

const width = 560;
const height = 150;
const left = 58;
const bottom = 20;

/** Bytes per step on a logarithmic scale: a thief's gigabytes and the usual kilobytes are both to be seen. */
function scale(most: number): (value: number) => number {
  const top = Math.log10(Math.max(1e4, most * 3));
  return (value) => (value <= 0 ? 0 : Math.max(0, (Math.log10(value) - 2) / (top - 2)) * (height - bottom - 8));
}

/** The identity's own past as grey bars with its usual range, and the last hours in red where they leave it. */
export function Activity({ activity, startMs }: { activity: ActivityView; startMs: number }) {
  if ([activity.hours, activity.minutes].every(({ bytesOut }) => bytesOut.every((value) => value === 0))) return null;
  const usual = usualRange(activity.hours, startMs);
  return (
    <section class="activity card">
      <h2>Bytes out</h2>
      <div class="pictures">
        <Bars series={activity.hours} startMs={startMs} ceiling={usual} title={startMs === Infinity ? 'by hour' : 'by hour, the weeks before'} />
        {activity.minutes.bytesOut.every((value) => value === 0) ? null : (
          <Bars
            series={activity.minutes} startMs={startMs} ceiling={null}
            title={startMs === Infinity ? 'by minute, of late' : 'by minute, around the alert'}
          />
        )}
      </div>
    </section>
  );
}

/** The largest step before the alert began. */
function usualRange({ startMs, stepMs, bytesOut }: Series, alertMs: number): number {
  const before = bytesOut.filter((_, place) => startMs + (place + 1) * stepMs <= alertMs);
  return Math.max(0, ...before);
}

function Bars({ series, startMs, ceiling, title }: { series: Series; startMs: number; ceiling: number | null; title: string }) {
  const { bytesOut, stepMs } = series;
  const most = Math.max(1, ...bytesOut);
  const y = scale(most);
  const step = (width - left) / Math.max(1, bytesOut.length);
  const at = (place: number): number => series.startMs + place * stepMs;
  const ticks = [1e3, 1e6, 1e9, 1e12].filter((value) => value <= most * 3);
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`bytes out ${title}; the most was ${bytes(most)}`}>
        {ticks.map((value) => (
          <g key={value} class="tick">
            <line x1={left} x2={width} y1={height - bottom - y(value)} y2={height - bottom - y(value)} />
            <text x={left - 6} y={height - bottom - y(value) + 4} text-anchor="end">{bytes(value)}</text>
          </g>
        ))}
        {bytesOut.map((value, place) => (value <= 0 ? null : (
          <rect key={place} class={at(place) + stepMs > startMs && (ceiling === null || value > ceiling) ? 'beyond' : 'usual'}
            x={left + place * step} width={Math.max(1, step - 0.5)} y={height - bottom - y(value)} height={y(value)}>
            <title>{`${moment(at(place))}: ${bytes(value)}, ${series.calls[place] ?? 0} calls`}</title>
          </rect>
        )))}
        {ceiling === null || ceiling === 0 ? null : (
          <g class="ceiling">
            <line x1={left} x2={width} y1={height - bottom - y(ceiling)} y2={height - bottom - y(ceiling)} />
            <text x={left + 4} y={Math.max(11, height - bottom - y(ceiling) - 4)}>{startMs === Infinity ? 'most' : 'most before'}: {bytes(ceiling)}</text>
          </g>
        )}
        <text class="axis" x={left} y={height - 5}>{stepMs >= 3_600_000 ? day(series.startMs) : time(series.startMs)}</text>
        <text class="axis" x={width} y={height - 5} text-anchor="end">{stepMs >= 3_600_000 ? day(at(bytesOut.length)) : time(at(bytesOut.length))}</text>
      </svg>
      <figcaption>{title}</figcaption>
    </figure>
  );
}
