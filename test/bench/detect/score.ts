import type { Attack, Distance, Family } from './attacks.ts';
import { dayMs } from './calls.ts';
import type { Raised } from './feed.ts';
import { wasSilent } from './outages.ts';
import type { Outcome } from './stream.ts';

/** An alarm of anybody: at what time, of whom, naming which tokens, of which family. Times from the epoch of the estate. */
export interface Alarm { readonly atMs: number; readonly workload: string; readonly tokens: readonly string[]; readonly family: Family | 'other'; readonly text: string }

/** A theft in words, so that it can be handed from process to process. */
export interface Theft {
  readonly number: number;
  readonly way: string;
  readonly family: Family;
  readonly size: number;
  readonly from: Distance;
  readonly day: number;
  readonly workload: string;
  readonly profile: string;
}

export interface TheftResult extends Theft {
  /** Raised by its family in time, naming a stolen token. */
  readonly hit: boolean;
  /** Raised by any family in time, naming a stolen token. */
  readonly seen: boolean;
  /** Share of the loot that was gone when the family raised it. */
  readonly share: number | null;
  readonly delayMs: number | null;
}

export interface Score {
  readonly results: readonly TheftResult[];
  /** All others, those included that tell of a theft when it is over. */
  readonly falseAlarms: readonly Alarm[];
  /**
   * What a thief's call raised, but by another family than his theft is of, or before any token was there to name; and what tells of a drip when its
   * last week is over. No hits and, to an analyst, not false.
   */
  readonly besideAlarms: readonly Alarm[];
  readonly identityDays: number;
}

/** An alarm counts until so long after the last call of a theft, where its way says nothing else. */
const boundMs = 60_000;

/** Which family a detector is of; those that are not here tell of things that no theft of this estate is. */
export const families: Readonly<Record<string, Family>> = {
  'egress-spike': 'egress', 'egress-drip': 'drip', 'copy-outside': 'egress', 'cost-spike': 'egress',
  'unfamiliar-ip': 'origin', 'concurrent-use': 'origin', 'impossible-travel': 'origin', 'unfamiliar-client': 'origin', 'private-path-change': 'origin',
  'dormant-token-reuse': 'lifecycle', 'rotated-token-use': 'lifecycle', 'revoked-token-use': 'lifecycle', 'expired-or-overage': 'lifecycle',
  'suspicious-minting': 'minting', 'secret-store-escalation': 'minting', 'forged-token': 'forged',
  'secret-sweep': 'secrets', 'unfamiliar-action': 'actions', 'object-reach': 'reach', 'destructive-burst': 'destruction', probing: 'probing',
};

/** A thief who can mint fetches a token so long before he uses it; that alone names none yet. */
const fetchMs = 60_000;

/** What drips may be found as a spike as well. */
export const answers = (alarm: Alarm, family: Family): boolean => alarm.family === family || family === 'drip' && alarm.family === 'egress';

export function alarmsOf(raised: readonly Raised[]): Alarm[] {
  return raised.map(({ alert, createdMs, tokens }) => ({
    atMs: createdMs, workload: alert.first.identityName ?? '', tokens, family: families[alert.detector] ?? 'other',
    text: `${alert.detector}: ${alert.reason}`,
  }));
}

/** Holds alarms against what really happened. */
export function score({ attacks, identityDays, firstDay }: Outcome, alarms: readonly Alarm[]): Score {
  const hitting = new Set<Alarm>();
  const beside = new Set<Alarm>();
  const results = attacks.filter(({ calls }) => calls.length > 0).map((attack) => {
    const own = alarms.filter((alarm) => belongs(alarm, attack)).sort((a, b) => a.atMs - b.atMs);
    const timely = own.filter((alarm) => isTimely(alarm, attack));
    const hits = timely.filter((alarm) => answers(alarm, attack.way.family));
    for (const alarm of own) (hits.includes(alarm) ? hitting : beside).add(alarm);
    const [first] = hits;
    const measured = first === undefined ? { share: null, delayMs: null } : { share: shareGone(attack, first.atMs), delayMs: delayOf(attack, first.atMs) };
    return { ...inWords(attack), hit: first !== undefined, seen: timely.length > 0, ...measured };
  });
  const counted = alarms.filter((alarm) => alarm.atMs >= firstDay * dayMs && !hitting.has(alarm) && !isOfSilence(alarm));
  return {
    results, identityDays, besideAlarms: counted.filter((alarm) => beside.has(alarm)),
    falseAlarms: counted.filter((alarm) => !beside.has(alarm)).map((alarm) => ({ ...alarm, text: `${alarm.text}${nearest(alarm, attacks)}` })),
  };
}

function inWords({ number, way, size, from, day, workload }: Attack): Theft {
  return { number, way: way.name, family: way.family, size, from, day, workload: workload.name, profile: workload.profile };
}

/** Tells of a log that was silent indeed. */
function isOfSilence({ text, workload, atMs }: Alarm): boolean {
  return text.startsWith('log-silence') && wasSilent(workload, atMs);
}

/** Which theft a false alarm may have come from after all. */
function nearest({ workload, atMs }: Alarm, attacks: readonly Attack[]): string {
  const near = attacks.find((attack) => attack.workload.name === workload && Math.abs(attack.day + 0.5 - atMs / dayMs) < 2);
  return near === undefined ? '' : ` [beside ${near.way.name}, ${near.size} times, ${near.from}, day ${near.day}]`;
}

function isInTime({ atMs }: Alarm, { calls, way }: Attack): boolean {
  const first = calls[0], last = calls.at(-1);
  return first !== undefined && last !== undefined && atMs >= first.endMs - fetchMs && atMs <= last.endMs + (way.boundMs ?? boundMs);
}

/** In time, and naming what was stolen. */
function isTimely(alarm: Alarm, attack: Attack): boolean {
  return isInTime(alarm, attack) && namesStolen(alarm, attack);
}

function belongs(alarm: Alarm, attack: Attack): boolean {
  const { workload, calls, way } = attack;
  if (alarm.workload !== workload.name) return false;
  return isInTime(alarm, attack) && (alarm.tokens.length === 0 || namesStolen(alarm, attack)) || isOfLastWeek(alarm, way, calls.at(-1)?.endMs ?? 0);
}

/** Weeks are held against each other, so the last one of a drip is told at the beginning of the next. */
function isOfLastWeek({ family, atMs }: Alarm, way: Attack['way'], lastMs: number): boolean {
  return way.family === 'drip' && family === 'drip' && atMs > lastMs && atMs <= lastMs + 8 * dayMs;
}

function namesStolen({ tokens }: Alarm, attack: Attack): boolean {
  return tokens.some((token) => attack.tokens.has(token));
}

function shareGone({ calls }: Attack, atMs: number): number {
  let gone = 0;
  let all = 0;
  for (const { endMs, bytes } of calls) {
    all += bytes;
    if (endMs <= atMs) gone += bytes;
  }
  return gone / Math.max(1, all);
}

/** From the call that was logged last when it was raised: a detector needs no time of its own. */
function delayOf({ calls }: Attack, atMs: number): number {
  return atMs - (calls.findLast(({ endMs }) => endMs <= atMs)?.endMs ?? atMs);
}
