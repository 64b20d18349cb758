import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CredentialShares, Trends as Shown, TrendWeek } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { attempt } from './state.ts';
import { Table } from './table.tsx';
import { bytes, count, day, duration } from './words.ts';

const width = 260;
const height = 64;

const shown = signal<Shown | null>(null);

/** How things go over weeks: for who answers for it, not for who works on alerts. */
export function Trends() {
  useEffect(() => { void attempt(async () => { shown.value = await api.trends(); }); }, []);
  if (shown.value === null) return <section class="wide"><p class="nothing">Loading…</p></section>;
  const { weeks, credentials } = shown.value;
  const span = (value: number | null): string => (value === null ? 'none' : value < 1000 ? 'under 1 s' : duration(value));
  return (
    <section class="wide">
      <h1>Trends</h1>
      <div class="measures">
        <Measure title="Bytes after the first wrong use" weeks={weeks} of={({ bytesOut }) => bytesOut} text={(value) => bytes(value ?? 0)} />
        <Measure title="Time to detect" weeks={weeks} of={({ detectMs }) => detectMs} text={span} />
        <Measure title="Time to contain" weeks={weeks} of={({ containMs }) => containMs} text={span} />
        <Measure title="Exposure window" weeks={weeks} of={({ exposureMs }) => exposureMs} text={span} />
        <Measure title="False alerts" weeks={weeks} of={({ falseAlerts }) => falseAlerts} text={(value) => count(value ?? 0)} />
      </div>
      <Credentials shares={credentials} />
      <section class="card">
        <h2>Week by week</h2>
        <Table label="weeks" head={['week of', '#incidents', '#alerts', '#thefts', '#false', '#bytes out', '#to detect', '#to contain', '#exposed']}>
          {weeks.toReversed().map((week) => (
            <tr key={week.startMs}>
              <th scope="row">{day(week.startMs)}</th>
              {[week.incidents, week.alerts, week.thefts, week.falseAlerts].map((many, place) => (
                <td key={place} class={`number ${many === 0 ? 'soft' : ''}`}>{count(many)}</td>
              ))}
              <td class={`number ${week.bytesOut === 0 ? 'soft' : ''}`}>{bytes(week.bytesOut)}</td>
              {[week.detectMs, week.containMs, week.exposureMs].map((spanMs, place) => (
                <td key={place} class={`number ${spanMs === null ? 'soft' : ''}`}>{span(spanMs)}</td>
              ))}
            </tr>
          ))}
        </Table>
        <p class="small">By when incidents began, times are medians. What was closed as a false alarm or benign is counted, and left out of bytes and times.</p>
      </section>
    </section>
  );
}

interface MeasureParts {
  readonly title: string;
  readonly weeks: readonly TrendWeek[];
  readonly of: (week: TrendWeek) => number | null;
  readonly text: (value: number | null) => string;
}

/** The newest week in words, and all of them as bars. */
function Measure({ title, weeks, of, text }: MeasureParts) {
  const values = weeks.map(of);
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const step = width / Math.max(1, weeks.length);
  const newest = text(values.at(-1) ?? null);
  return (
    <figure class="card measure">
      <figcaption>{title}</figcaption>
      <strong>{newest}</strong>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}, ${weeks.length} weeks; the newest: ${newest}, the most: ${text(most)}`}>
        {values.map((value, place) => {
          const own = value === null || value <= 0 ? 0 : Math.max(2, (value / most) * (height - 4));
          return (
            <rect
              key={weeks[place]?.startMs} class={place === weeks.length - 1 ? 'newest' : 'usual'}
              x={place * step + 2} width={step - 4} y={height - own} height={own}
            >
              <title>{`${day(weeks[place]?.startMs ?? 0)}: ${text(value)}`}</title>
            </rect>
          );
        })}
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
      </svg>
    </figure>
  );
}

const shareWords: readonly (readonly [Exclude<keyof CredentialShares, 'total'>, string])[] = [
  ['owned', 'have an owner'], ['withinTtl', 'live within the limit of their kind'], ['attested', 'prove their workload at every use'],
  ['ready', 'could be ended by themselves: owner, public id, one workload'],
];

function Credentials({ shares }: { shares: CredentialShares }) {
  const { total } = shares;
  return (
    <section class="card">
      <h2>Credentials in use · {count(total)}</h2>
      {total === 0 ? <p class="small">None is known yet.</p> : (
        <ul class="shares">
          {shareWords.map(([name, words]) => {
            const percent = Math.round((100 * shares[name]) / total);
            return (
              <li key={name}>
                <span>{words}</span><strong>{percent} %</strong>
                <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="track" width="100" height="6" /><rect class="part" width={percent} height="6" />
                </svg>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
