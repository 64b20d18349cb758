import type { ActivityView, AlertDetail, UseView, WhyView } from '../../../src/server/api/shapes.ts';
import { Calendar } from './calendar.tsx';
import { Histogram } from './histogram.tsx';
import { Origins } from './origins.tsx';
import { hrefOf, route } from './route.ts';
import { Scales } from './scale.tsx';
import { measure } from './words.ts';

/** What was usual beside what was seen: as a picture, and in numbers. */
export function Why({ shown }: { shown: AlertDetail }) {
  const { rule, baseline, observed, summary } = shown;
  return (
    <section class="why">
      <h2>Why</h2>
      <Pictures
        why={{ restsOn: rule.restsOn, baseline, observed }} activity={shown.activity} uses={shown.uses} startMs={summary.startMs} endMs={summary.endMs}
      />
      <div class="columns">
        <div class="seen"><h3>Seen</h3><Numbers values={observed} /></div>
        <div><h3>Usual</h3><Numbers values={baseline} /></div>
        <div><h3>How sure</h3><dl>
          <div><dt>confidence</dt><dd>{Math.round(shown.confidence * 100)} %</dd></div>
          <div><dt>surprise</dt><dd>{Math.round(shown.surpriseBits)} bits</dd></div>
          <div><dt>rule</dt><dd><a href={hrefOf('alerts', summary.id, withDetector(rule.id))}>{rule.id}</a></dd></div>
        </dl></div>
      </div>
      <details>
        <summary>What this rule looks for, and what it cannot see</summary>
        <p>{rule.grace}</p><p>{rule.acceptance}</p>
        <ul class="dots">{rule.blindSpots.map((one) => <li key={one}>{one}</li>)}</ul>
      </details>
    </section>
  );
}

export function Numbers({ values }: { values: AlertDetail['baseline'] }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return <p class="small">nothing to compare with</p>;
  return (
    <dl>
      {entries.map(([name, value]) => {
        const { label, text } = measure(name, value);
        return <div key={name}><dt>{label}</dt><dd>{text}</dd></div>;
      })}
    </dl>
  );
}

interface PictureParts {
  readonly why: Pick<WhyView, 'restsOn' | 'baseline' | 'observed'>;
  readonly activity: ActivityView | null;
  readonly uses: readonly UseView[];
  readonly startMs: number;
  readonly endMs: number;
}

/** What one alert alone tells: its numbers, and how much that is. */
export function Amounts({ why: { restsOn, baseline, observed }, activity, startMs }: Omit<PictureParts, 'uses' | 'endMs'>) {
  return (
    <>
      <Scales baseline={baseline} observed={observed} />
      {restsOn === 'volume' && activity !== null ? <Histogram observed={observed} hours={activity.hours} startMs={startMs} /> : null}
    </>
  );
}

/** Each kind of evidence has its own picture: how much, from where, when. */
function Pictures({ why, activity, uses, startMs, endMs }: PictureParts) {
  const { restsOn } = why;
  return (
    <>
      <Amounts why={why} activity={activity} startMs={startMs} />
      {restsOn === 'lifecycle' && uses.length > 0 ? <Calendar uses={uses} hours={activity?.hours ?? null} markedMs={[startMs]} untilMs={endMs} /> : null}
      {restsOn === 'origin' || restsOn === 'workload' ? <Origins uses={uses} /> : null}
    </>
  );
}

function withDetector(detector: string): URLSearchParams {
  const query = new URLSearchParams(route.value.query);
  query.set('detector', detector);
  return query;
}
