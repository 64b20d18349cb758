import type { AlertLine, Outcome } from './outcome.ts';

const dayMs = 86_400_000;
/** Alerts of one detector on one identity that lie closer than an episode lasts are the same finding. */
const sameWithinMs = dayMs;

/** One finding under both configurations. */
export interface Pair { readonly before: AlertLine; readonly after: AlertLine }

/** What a change of the configuration changes about what people are told. */
export interface Comparison {
  readonly appear: readonly AlertLine[];
  /** `after` is set where it is found as before, and an exception hides it. */
  readonly vanish: readonly { readonly before: AlertLine; readonly after: AlertLine | null }[];
  /** Told earlier, later, or as something else. */
  readonly changed: readonly Pair[];
  readonly same: number;
  /** Days, UTC, on which something was told. */
  readonly days: readonly { readonly day: string; readonly before: number; readonly after: number }[];
}

/** Compares what two configurations make of one history. */
export function compare(before: Outcome, after: Outcome): Comparison {
  const rest = new Set(after.alerts);
  const pairs: Pair[] = [];
  const lost: AlertLine[] = [];
  const byId = new Map(after.alerts.map((alert) => [alert.id, alert]));
  const unmatched = before.alerts.filter((alert) => {
    const other = byId.get(alert.id);
    if (other !== undefined) pair(alert, other);
    return other === undefined;
  });
  const byOwner = Map.groupBy(rest, ownerOf);
  for (const alert of unmatched) {
    const near = byOwner.get(ownerOf(alert))?.find((other) => rest.has(other) && areNear(alert, other));
    if (near === undefined) lost.push(alert);
    else pair(alert, near);
  }
  return { ...sorted(pairs, lost, [...rest]), days: daysOf(before, after) };

  function pair(left: AlertLine, right: AlertLine): void {
    pairs.push({ before: left, after: right });
    rest.delete(right);
  }
}

/** Hidden alerts are told to nobody, so they neither appear nor change. */
function sorted(pairs: readonly Pair[], lost: readonly AlertLine[], found: readonly AlertLine[]): Omit<Comparison, 'days'> {
  const told = pairs.filter((pair) => pair.before.hiddenBy === null && pair.after.hiddenBy === null);
  const changed = told.filter(isChanged);
  return {
    appear: [...found.filter(isTold), ...pairs.filter((pair) => !isTold(pair.before) && isTold(pair.after)).map(({ after }) => after)],
    vanish: [
      ...lost.filter(isTold).map((alert) => ({ before: alert, after: null })),
      ...pairs.filter((pair) => isTold(pair.before) && !isTold(pair.after)),
    ],
    changed, same: told.length - changed.length,
  };
}

export function isTold({ hiddenBy }: AlertLine): boolean {
  return hiddenBy === null;
}

function isChanged({ before, after }: Pair): boolean {
  return before.severity !== after.severity || before.createdMs !== after.createdMs;
}

function ownerOf({ detector, who }: AlertLine): string {
  return `${detector}|${who}`;
}

function areNear(left: AlertLine, right: AlertLine): boolean {
  return left.startMs - right.endMs <= sameWithinMs && right.startMs - left.endMs <= sameWithinMs;
}

function daysOf(before: Outcome, after: Outcome): Comparison['days'] {
  const counts = [before, after].map(({ alerts }) => Map.groupBy(alerts.filter(isTold), ({ createdMs }) => new Date(createdMs).toISOString().slice(0, 10)));
  const days = new Set(counts.flatMap((byDay) => [...byDay.keys()]));
  return [...days].toSorted().map((day) => {
    const [left = 0, right = 0] = counts.map((byDay) => byDay.get(day)?.length ?? 0);
    return { day, before: left, after: right };
  });
}
