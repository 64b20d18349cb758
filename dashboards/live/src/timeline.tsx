import type { TimelineEntry } from '../../../src/server/api/shapes.ts';
import { When } from './bits.tsx';
import { bytes, plain } from './words.ts';

const says: Readonly<Record<TimelineEntry['kind'], (text: string) => string>> = {
  issued: (text) => `token ${text} issued`, started: (text) => `first wrong use, seen by ${text}`, announced: (text) => text, intent: (text) => text,
  last: (text) => `last use of this kind so far, seen by ${text}`,
};

/** What happened, in order; bytes are those that had left by then, as bars to compare by eye. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const most = Math.max(1, ...entries.map(({ bytesOut }) => bytesOut ?? 0));
  return (
    <section class="timeline">
      <h2>What happened</h2>
      <ol>
        {entries.map((entry, place) => (
          <li key={place} class={`is-${entry.kind}`}>
            <When at={entry.timeMs} />
            <span>
              {plain(says[entry.kind](entry.text))}
              {entry.bytesOut === null || entry.bytesOut === 0 ? null : (
                <span class="gone">
                  <span class="gone-bar" style={{ width: `${Math.max(1, (100 * entry.bytesOut) / most)}%` }} />
                  <span>{bytes(entry.bytesOut)} gone by then</span>
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
