import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, f32, f64, u16, u8 } from '../src/model/state.ts';
import { acceptLevel, addValue, expectedNext } from '../src/stats/level-shift.ts';
import { volumeOf } from './egress-measures.ts';
import { confidenceOf, dayMs } from './use.ts';
import { bytesInWords, countInWords, nameOf, plural } from './words.ts';

/** One week after another: a week evens out weekdays and single large days. 40 bytes. */
const state = {
  identity: defineState({
    week: u16(), bytes: f64(), values: u16(), level: f32(), trend: f32(), variance: f32(), shift: f32(), shiftValues: u8(),
    excessBytes: f32(), lastBytes: f32(),
    /** Day of its week on which the identity was first at work, in this one and in the last. */
    firstDay: u8(), lastFirstDay: u8(),
    /** 1 in the record of what deviates, once it was told: it goes on every week. */
    isTold: u8(),
  }),
};
type Drip = NonNullable<RecordsOf<typeof state>['identity']>;

const parameters = {
  minimumBytes: { default: '10MB', kind: 'bytes', describe: 'An excess that is less in all never alerts.' },
  thresholdDeviations: { default: 8, kind: 'number', describe: 'Sum of weekly deviations above the usual from which it is beyond belief.' },
} as const;

const weekMs = 7 * dayMs;
/** From so many times the usual it is more than a weak sign. */
const leastTimes = 2;
/** What one week takes beyond so many times the usual is no small excess, but a job of the month or quarter, or a matter of `egress-spike`. */
const mostTimesMore = 4;

export default defineDetector({
  id: 'egress-drip',
  title: 'Week after week more leaves under an identity than was usual, though no day or hour is beyond what it ever reached.',
  alertTitle: 'A small excess of data, week after week',
  state,
  parameters,
  attack: [{ tactic: 'TA0010', technique: 'T1020' }, { tactic: 'TA0010', technique: 'T1567' }],
  owaspNhi: ['NHI2', 'NHI7'],
  restsOn: 'volume',
  cases: ['C14 a small daily excess over weeks'],
  grace: 'Nine weeks of work. A trend of up to three per cent a week that was there before is expected.',
  blindSpots: [
    'An excess of less than about a third, or of less than twice the usual where weeks differ much from each other.',
    'A theft that grows as slowly as the company does: three per cent a week.',
    'It tells that more is taken, not by which of several tokens: the one that is used when the week is over is named.',
  ],
  acceptance: 'A level that nobody judged for 14 days is the usual one from then on.',

  needs: needs.use | needs.identity,
  wants: (event) => event.bytesOut !== null || event.modelTokens !== null,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: ValuesOf<typeof parameters>): Finding | null {
    if (identity === null) return null;
    const week = Math.floor(event.orderMs / weekMs);
    const bytes = volumeOf(event);
    if (week <= identity.week) {
      if (week === identity.week) identity.bytes += bytes;
      return null;
    }
    closeWeek(identity);
    const day = Math.floor(event.orderMs / dayMs) % 7;
    identity.week = week;
    identity.bytes = bytes;
    identity.firstDay = day;
    // What is found is not learned, so the first event of the week comes again and again: on its usual day only.
    const isDrip = identity.shift >= values.thresholdDeviations && identity.excessBytes >= values.minimumBytes;
    if (!isDrip || identity.isTold === 1 || day > identity.lastFirstDay) return null;
    identity.isTold = 1;
    return findingOf(event, identity);
  },

  accept: {
    identity(record, shadow): void {
      if (shadow.lastBytes > 0) acceptLevel(record, Math.log(shadow.lastBytes));
      record.excessBytes = 0;
    },
  },
});

/** The first week is most likely not whole. Weeks without work say nothing. */
function closeWeek(identity: Drip): void {
  if (identity.bytes > 0 && identity.lastBytes > 0) {
    const usual = Math.exp(expectedNext(identity));
    const isKnown = identity.values > 0;
    addValue(identity, Math.log(identity.bytes));
    const excess = Math.min(identity.bytes - usual, mostTimesMore * usual);
    identity.excessBytes = identity.shiftValues === 0 || !isKnown ? 0 : Math.max(0, identity.excessBytes + excess);
  }
  identity.lastBytes = identity.bytes;
  identity.lastFirstDay = identity.firstDay;
}

function findingOf(event: TokenEvent, identity: Drip): Finding {
  const { shiftValues: weeks, excessBytes, values, shift } = identity;
  const usual = Math.exp(identity.level);
  const times = 1 + excessBytes / (weeks * usual);
  return {
    severity: times >= leastTimes ? 47 : 21, surpriseBits: Math.round(10 * shift / Math.LN2) / 10, confidence: confidenceOf(event, values / (values + 26)),
    deviates: 'token',
    reason: `${nameOf(event)} took ${bytesInWords(excessBytes)} more than usual in the last ${plural(weeks, 'week')}: ${countInWords(times)} times its usual `
      + `${bytesInWords(usual)} a week on the average; in ${plural(values, 'week')} it never was above that for so long.`,
    baseline: { usualWeekBytes: Math.round(usual), weeksKnown: values },
    observed: { excessBytes: Math.round(excessBytes), weeks, timesUsual: Math.round(100 * times) / 100, deviations: Math.round(10 * shift) / 10 },
  };
}
