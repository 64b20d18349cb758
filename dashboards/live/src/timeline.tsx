import { useState } from 'preact/hooks';
import type { TimelineEntry } from '../../../src/server/api/shapes.ts';
import { When } from './bits.tsx';
import { bytes, plain } from './words.ts';

const says: Readonly<Record<TimelineEntry['kind'], (text: string) => string>> = {
  issued: (text) => `token ${text} issued`, started: (text) => `first wrong use, seen by ${text}`, announced: (text) => text, intent: (text) => text,
  touched: (text) => `took from ${text} for the first time`, minted: (text) => `had a token made: ${text}`,
  last: (text) => `last use of this kind so far, seen by ${text}`,
};

/** So many are shown before somebody asks for the rest. */
const atFirst = 24;

/** What happened, in order; bytes are those that had left by then, as bars to compare by eye. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const [isWhole, setWhole] = useState(false);
  const most = Math.max(1, ...entries.map(({ bytesOut }) => bytesOut ?? 0));
  const isLong = entries.length > atFirst + 4 && !isWhole;
  return (
    <section class="timeline">
      <h2>What happened</h2>
      <ol>{(isLong ? entries.slice(0, atFirst) : entries).map((entry, place) => (
        <Entry key={place} entry={entry} most={most} isFirst={entries.findIndex(({ kind }) => kind === entry.kind) === place} />
      ))}</ol>
      {isLong ? <p><button type="button" onClick={() => setWhole(true)}>{entries.length - atFirst} more</button></p> : null}
    </section>
  );
}

/** `isFirst`: of its kind. What several detectors saw begin began once. */
function Entry({ entry, most, isFirst }: { entry: TimelineEntry; most: number; isFirst: boolean }) {
  const text = entry.kind === 'started' && !isFirst ? `seen by ${entry.text} as well` : says[entry.kind](entry.text);
  return (
    <li class={`is-${entry.kind}`}>
      <When at={entry.timeMs} isExact />
      <span>
        {plain(text)}
        {entry.bytesOut === null || entry.bytesOut === 0 ? null : (
          <span class="gone">
            <span class="gone-bar" style={{ width: `${Math.max(1, (100 * entry.bytesOut) / most)}%` }} />
            <span>{bytes(entry.bytesOut)} gone by then</span>
          </span>
        )}
      </span>
    </li>
  );
}
