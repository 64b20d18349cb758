import type { Series, UseView } from '../../../src/server/api/shapes.ts';
import { count, day } from './words.ts';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const cell = 11;
const gap = 2;
const pitch = cell + gap;
const left = 30;
const top = 14;
const maxWeeks = 64;
const leastWeeks = 26;
/** 1970 began on a Thursday; columns begin on Monday, UTC. */
const mondayMs = 4 * dayMs;
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNames = { 0: 'Mon', 2: 'Wed', 4: 'Fri', 6: 'Sun' } as const;

interface CalendarParts {
  readonly uses: readonly UseView[];
  /** By hour, for as long as this is remembered. */
  readonly hours: Series | null;
  /** Days that stand out: when an alert began. */
  readonly markedMs: readonly number[];
  readonly untilMs: number;
}

/** On which days it was used, as far as that is remembered; of older times only in which weeks. Days are UTC. */
export function Calendar({ uses, hours, markedMs, untilMs }: CalendarParts) {
  const weeks = new Set(uses.flatMap((use) => use.weeks.map((startMs) => Math.floor(startMs / weekMs))));
  const calls = callsByDay(hours);
  const marked = new Set(markedMs.map((timeMs) => Math.floor(timeMs / dayMs)));
  const firstMs = Math.min(untilMs - leastWeeks * weekMs, ...uses.map(({ weeks: own }) => own[0] ?? untilMs), ...markedMs);
  const lastColumn = columnOf(untilMs);
  const firstColumn = Math.max(lastColumn - maxWeeks + 1, columnOf(firstMs));
  const columns = Array.from({ length: lastColumn - firstColumn + 1 }, (_, place) => firstColumn + place);
  const most = Math.max(1, ...calls.values());
  const width = left + columns.length * pitch + pitch;
  return (
    <figure class="calendar">
      <div class="scroller" role="region" aria-label="calendar of use" tabIndex={0}>
        <svg width={width} height={top + 7 * pitch} role="img" aria-label={spoken(weeks.size, calls.size, columns.length)}>
          {Object.entries(dayNames).map(([row, name]) => <text key={name} x={0} y={top + (Number(row) + 1) * pitch - 4}>{name}</text>)}
          {columns.map((column, x) => (isMonthsFirst(column)
            ? <text key={column} x={left + x * pitch} y={9}>{monthNames[new Date(lastDayOf(column)).getUTCMonth()]}</text> : null))}
          {columns.flatMap((column, x) => Array.from({ length: 7 }, (_, row) => {
            const own = Math.round(startOf(column) / dayMs) + row;
            if (own * dayMs > untilMs) return null;
            const many = calls.get(own) ?? 0;
            const isInWeek = weeks.has(Math.floor(own * dayMs / weekMs));
            return (
              <Day
                key={own} day={own} x={left + x * pitch} y={top + row * pitch} isMarked={marked.has(own)}
                kind={many > 0 ? `level-${1 + Math.floor(2.99 * Math.log(1 + many) / Math.log(1 + most))}` : isInWeek ? 'in-week' : 'idle'}
                text={many > 0 ? `${count(many)} calls` : isInWeek ? 'used in this week' : 'no use known'}
              />
            );
          }))}
        </svg>
      </div>
      <figcaption>
        when it was used: <i class="key level-3" /> calls on the day, <i class="key in-week" /> some time in the week, <i class="key marked" /> an alert began
      </figcaption>
    </figure>
  );
}

interface DayParts { readonly day: number; readonly x: number; readonly y: number; readonly kind: string; readonly text: string; readonly isMarked: boolean }

function Day({ day: own, x, y, kind, text, isMarked }: DayParts) {
  return (
    <rect class={`day ${kind} ${isMarked ? 'marked' : ''}`} x={x} y={y} width={cell} height={cell} rx={2}>
      <title>{`${day(own * dayMs)}: ${text}${isMarked ? ', an alert began' : ''}`}</title>
    </rect>
  );
}

function columnOf(timeMs: number): number {
  return Math.floor((timeMs - mondayMs) / weekMs);
}

function startOf(column: number): number {
  return column * weekMs + mondayMs;
}

function lastDayOf(column: number): number {
  return startOf(column) + 6 * dayMs;
}

/** The column holds a first of a month. */
function isMonthsFirst(column: number): boolean {
  return new Date(lastDayOf(column)).getUTCDate() <= 7;
}

function callsByDay(hours: Series | null): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [place, many] of (hours?.calls ?? []).entries()) {
    const own = Math.floor(((hours as Series).startMs + place * (hours as Series).stepMs) / dayMs);
    if (many > 0) sums.set(own, (sums.get(own) ?? 0) + many);
  }
  return sums;
}

function spoken(weeks: number, days: number, shown: number): string {
  return `used in ${weeks} of ${shown} weeks; on ${days} days of those of which each is remembered`;
}
