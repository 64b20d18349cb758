import type { AlertDetail } from '../../../src/server/api/shapes.ts';
import { measure } from './words.ts';

type Measures = AlertDetail['baseline'];

interface Mark { readonly name: string; readonly value: number; readonly isSeen: boolean }

/** About the history, and how it was looked at: no amounts of what happened. */
const beside = /^(?:windowMs|asNumber|.*AtMs|historyMs|historyDays|activeDays|daysWith.*|known.*)$/;
/** From so far below the least value on. */
const room = 1.6;

/** What was seen among what was usual, one dot to a line, on one logarithmic scale for each unit; nothing where there is nothing to compare. */
export function Scales({ baseline, observed }: { baseline: Measures; observed: Measures }) {
  const groups = [...Map.groupBy([...marksOf(baseline, false), ...marksOf(observed, true)], ({ name }) => unitOf(name)).values()]
    .filter((marks) => marks.some(({ isSeen }) => isSeen) && marks.some(({ isSeen }) => !isSeen));
  if (groups.length === 0) return null;
  return <div class="scales">{groups.map((marks) => <Scale key={unitOf((marks[0] as Mark).name)} marks={marks} />)}</div>;
}

function Scale({ marks }: { marks: readonly Mark[] }) {
  const sorted = marks.toSorted((left, right) => left.value - right.value);
  const values = sorted.map(({ value }) => Math.max(value, 0)).filter((value) => value > 0);
  const [least, most] = [Math.min(...values) / room, Math.max(...values) * room];
  const at = (value: number): number => (value <= least ? 0 : 100 * Math.log(value / least) / Math.log(most / least));
  return (
    <ul>
      {sorted.map(({ name, value, isSeen }) => {
        const { label, text } = measure(name, value);
        return (
          <li key={`${isSeen} ${name}`} class={isSeen ? 'seen-mark' : ''}>
            <span>{isSeen ? `seen: ${label}` : label}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <line x1="0" x2="100" y1="5" y2="5" class="track" /><line x1="0" x2={at(value)} y1="5" y2="5" class="reach" />
            </svg>
            <span class="amount">{text}</span>
          </li>
        );
      })}
    </ul>
  );
}

function marksOf(measures: Measures, isSeen: boolean): Mark[] {
  return Object.entries(measures).flatMap(([name, value]) => (typeof value !== 'number' || beside.test(name) ? [] : [{ name, value, isSeen }]));
}

/** Last word of the name: `silenceMs` and `longestSilenceMs` are of one scale, numbers without a unit of none but their own kind. */
function unitOf(name: string): string {
  return /(?:Bytes|Ms|Days|Requests|Objects|Bits|Km|Hour|Day|Tokens)$/.exec(name)?.[0] ?? 'number';
}
