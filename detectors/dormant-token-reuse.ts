import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, f32, u16, u32 } from '../src/model/state.ts';
import { farAbove, learnLog } from '../src/stats/log-moments.ts';
import { confidenceOf, secondsOf } from './use.ts';
import { durationInWords, nameOf, plural } from './words.ts';

const state = {
  /** Millions of these: 14 bytes. `usualGap` and `spread` are mean and variance on the log scale, in steps. */
  token: defineState({ lastUseSeconds: u32(), longestGapSeconds: u32(), usualGap: u16(), gaps: u16(), spread: u16() }),
  identity: defineState({
    lastUseSeconds: u32(), longestGapSeconds: u32(), usualGap: u16(), gaps: u16(), spread: u16(),
    mean: f32(), variance: f32(), count: u16(), oldestSeconds: u32(), ageDays: u16(), lastAgeDay: u16(),
  }),
};

const parameters = {
  after: {
    default: 'auto', kind: 'duration-or-auto',
    describe: 'Silence after which a use alerts. auto: by the own rhythm; a duration: a hard limit, whatever the rhythm.',
  },
  outer: { default: '180d', kind: 'duration', describe: 'With auto: silence that always alerts, unless nearly as long a one was known before.' },
  floor: { default: '14d', kind: 'duration', describe: 'With auto: shorter silence never alerts.' },
  neverUsed: { default: '60d', kind: 'duration', describe: 'With auto: a first use this long after an issuance that was read alerts.' },
  oldToken: { default: '30d', kind: 'duration', describe: 'A token older than this, under an identity that presents fresh ones, alerts.' },
} as const;

type Records = RecordsOf<typeof state>;
type Values = ValuesOf<typeof parameters>;
interface Rhythm { lastUseSeconds: number; longestGapSeconds: number; usualGap: number; gaps: number; spread: number }
type Habit = NonNullable<Records['identity']>;

/** Gaps shorter than this are one session. A new day without a longer gap counts as this. */
const sessionSeconds = 3_600;
const daySeconds = 86_400;
/** Gaps that make a rhythm. */
const rhythmGaps = 3;
/** Silence beyond the rhythm: so many times the longest, and so many deviations beyond the usual on the log scale. */
const longestFactor = 3;
const deviations = 4;
const leastDeviation = 0.25;
/** A silence this close to a known one is known. */
const nearlyKnown = 1.25;
const memory = 50;
/** Steps per natural-log unit of the 16-bit mean and variance. */
const gapSteps = 2_500;
const spreadSteps = 1_000;
/** Ages of tokens: days of use that make a habit, and how much older than ever is old. */
const ageHabitDays = 5;
const ageFactor = 8;
const ageMemory = 500;

export default defineDetector({
  id: 'dormant-token-reuse',
  title: 'A token or identity is used again after a silence far beyond its own rhythm, or for the first time long after it was issued.',
  alertTitle: 'Dormant token used again',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078' }, { tactic: 'TA0003', technique: 'T1078.004' }],
  owaspNhi: ['NHI1', 'NHI7'],
  restsOn: 'lifecycle',
  cases: [
    'C45 a forgotten key or account that acts again', 'C46 a forgotten account that makes a key or takes on a role',
    'C47 a forgotten principal that gets a credential and signs in', 'C48 a token first used long after it was issued',
    'C53 an old token where fresh ones are usual',
  ],
  grace: 'Three silences or days make a rhythm; before that only the outer bound counts. The age of tokens is judged from the fifth day of use.',
  blindSpots: [
    'Silence while the source was not seen delivering does not count.',
    'A token of which neither the issuance nor any use was read, under an identity that is unknown too.',
  ],
  acceptance: 'A silence is known once it has passed without an alert, or 14 days after its alert if nothing new joined it.',

  needs: needs.successfulUse,

  observe(event: TokenEvent, records: Records, values: Values, context: Context): Finding | null {
    const { token, identity } = records;
    const seconds = secondsOf(event.orderMs);
    const finding = (token === null ? null : judgeSilence(event, token, 'token', values, context))
      ?? (identity === null || (token !== null && token.lastUseSeconds > 0 && token.lastUseSeconds === identity.lastUseSeconds)
        ? null : judgeSilence(event, identity, 'identity', values, context))
      ?? (token === null || token.lastUseSeconds > 0 ? null : judgeFirstUse(event, values, context))
      ?? (identity === null ? null : judgeAge(event, identity, values));
    if (token !== null) learnRhythm(token, seconds);
    if (identity !== null) {
      learnRhythm(identity, seconds);
      learnAge(event, identity, seconds);
    }
    return finding;
  },

  accept: {
    token: acceptRhythm,
    identity(record, shadow): void {
      if (shadow.count > record.count) {
        record.mean = shadow.mean;
        record.variance = shadow.variance;
        record.count = shadow.count;
      }
      for (const name of ['oldestSeconds', 'ageDays', 'lastAgeDay'] as const) record[name] = Math.max(record[name], shadow[name]);
      acceptRhythm(record, shadow);
    },
  },
});

/** The newer rhythm, with the longest silence of both: a silence that was accepted is known. */
function acceptRhythm(rhythm: Rhythm, accepted: Rhythm): void {
  rhythm.longestGapSeconds = Math.max(rhythm.longestGapSeconds, accepted.longestGapSeconds);
  if (accepted.lastUseSeconds <= rhythm.lastUseSeconds) return;
  for (const name of ['lastUseSeconds', 'usualGap', 'gaps', 'spread'] as const) rhythm[name] = accepted[name];
}

function judgeSilence(event: TokenEvent, rhythm: Rhythm, whose: 'token' | 'identity', values: Values, context: Context): Finding | null {
  if (rhythm.lastUseSeconds === 0) return null;
  const lastMs = rhythm.lastUseSeconds * 1000;
  if (event.orderMs - lastMs < (values.after ?? Math.min(values.floor, values.outer))) return null;
  const boundMs = values.after ?? autoBoundMs(rhythm, values);
  if (event.orderMs - lastMs < boundMs) return null;
  const silentMs = context.coveredMs(lastMs);
  if (silentMs < boundMs) return null;
  const known = rhythm.gaps >= rhythmGaps;
  const excess = silentMs / boundMs;
  const longestMs = rhythm.longestGapSeconds * 1000;
  const before = rhythm.longestGapSeconds > 0
    ? `its longest silence before, on ${plural(rhythm.gaps + 1, 'day')} of use, was ${durationInWords(longestMs)}`
    : 'before, it was seen within a single hour only';
  const who = whose === 'token' ? `A token of ${nameOf(event)}` : nameOf(event);
  return {
    severity: excess >= 3 || silentMs >= values.outer ? 73 : 47,
    surpriseBits: Math.round(10 * (10 + 4 * Math.log2(excess))) / 10,
    confidence: confidenceOf(event, known ? rhythm.gaps / (rhythm.gaps + 5) : 0.4),
    reason: `${who} was used again after ${durationInWords(silentMs)} of silence; ${before}.`,
    baseline: {
      longestSilenceMs: longestMs, usualSilenceMs: Math.round(1000 * Math.exp(rhythm.usualGap / gapSteps)),
      silences: rhythm.gaps, limitMs: Math.round(boundMs), judgedBy: whose,
    },
    observed: { silenceMs: event.orderMs - lastMs, coveredSilenceMs: silentMs },
    deviates: 'token',
  };
}

/** Silence from which a use is odd, in ms: by the rhythm within floor and outer bound, and never one that was nearly known. */
function autoBoundMs(rhythm: Rhythm, values: Values): number {
  const nearlyMs = nearlyKnown * rhythm.longestGapSeconds * 1000;
  if (rhythm.gaps < rhythmGaps) return Math.max(values.outer, nearlyMs);
  const usualMs = 1000 * farAbove(momentsOf(rhythm), deviations, leastDeviation);
  const rhythmMs = Math.max(values.floor, usualMs, longestFactor * rhythm.longestGapSeconds * 1000);
  return Math.max(Math.min(values.outer, rhythmMs), nearlyMs);
}

/** Issued long ago, never used, and the log was there all the while. */
function judgeFirstUse(event: TokenEvent, values: Values, context: Context): Finding | null {
  const issuedMs = context.tokenIssuedMs;
  if (issuedMs === null || !context.tokenIssueSeen) return null;
  const boundMs = values.after ?? values.neverUsed;
  if (event.orderMs - issuedMs < boundMs) return null;
  const unusedMs = context.coveredMs(issuedMs);
  if (unusedMs < boundMs) return null;
  return {
    severity: unusedMs >= 3 * boundMs ? 73 : 47,
    surpriseBits: Math.round(10 * (10 + 4 * Math.log2(unusedMs / boundMs))) / 10,
    confidence: confidenceOf(event, 0.7),
    reason: `A token of ${nameOf(event)} was used for the first time, ${durationInWords(event.orderMs - issuedMs)} after it was issued.`,
    baseline: { limitMs: boundMs, uses: 0 },
    observed: { sinceIssueMs: event.orderMs - issuedMs, coveredSinceIssueMs: unusedMs },
    deviates: 'token',
  };
}

/** An old token under an identity that otherwise presents fresh ones. */
function judgeAge(event: TokenEvent, habit: Habit, values: Values): Finding | null {
  if (event.issuedAtMs === null || habit.ageDays < ageHabitDays) return null;
  const ageMs = event.orderMs - event.issuedAtMs;
  if (ageMs < values.oldToken || ageMs < ageFactor * habit.oldestSeconds * 1000) return null;
  if (ageMs < 1000 * farAbove(habit, deviations, leastDeviation)) return null;
  const usualMs = 1000 * Math.exp(habit.mean);
  return {
    severity: 73,
    surpriseBits: Math.round(10 * (10 + 2 * Math.log2(ageMs / Math.max(values.oldToken, ageFactor * habit.oldestSeconds * 1000)))) / 10,
    confidence: confidenceOf(event, habit.ageDays / (habit.ageDays + 7)),
    reason: `${nameOf(event)} presented a token issued ${durationInWords(ageMs)} ago; on ${plural(habit.ageDays, 'day')} of use its tokens `
      + `were usually ${durationInWords(usualMs)} old and never older than ${durationInWords(habit.oldestSeconds * 1000)}.`,
    baseline: { usualTokenAgeMs: Math.round(usualMs), oldestTokenAgeMs: habit.oldestSeconds * 1000, activeDays: habit.ageDays },
    observed: { tokenAgeMs: ageMs },
    deviates: 'token',
  };
}

/** A gap of a session or more is learned, and a new day counts as one; uses within a session only move the last use. */
function learnRhythm(rhythm: Rhythm, seconds: number): void {
  const last = rhythm.lastUseSeconds;
  if (seconds <= last) return;
  rhythm.lastUseSeconds = seconds;
  if (last === 0) return;
  const gap = seconds - last;
  const isNewDay = Math.floor(seconds / daySeconds) > Math.floor(last / daySeconds);
  if (gap < sessionSeconds && !isNewDay) return;
  const moments = momentsOf(rhythm);
  learnLog(moments, Math.max(sessionSeconds, gap), memory);
  rhythm.usualGap = Math.min(65_535, Math.max(0, Math.round(moments.mean * gapSteps)));
  rhythm.spread = Math.min(65_535, Math.round(moments.variance * spreadSteps));
  rhythm.gaps = moments.count;
  if (gap > rhythm.longestGapSeconds) rhythm.longestGapSeconds = gap;
}

function learnAge(event: TokenEvent, habit: Habit, seconds: number): void {
  if (event.issuedAtMs === null) return;
  const age = Math.max(1, seconds - Math.floor(event.issuedAtMs / 1000));
  const day = Math.floor(seconds / daySeconds);
  learnLog(habit, age, ageMemory);
  if (age > habit.oldestSeconds) habit.oldestSeconds = age;
  if (day <= habit.lastAgeDay) return;
  habit.lastAgeDay = day;
  habit.ageDays = Math.min(65_535, habit.ageDays + 1);
}

function momentsOf(rhythm: Rhythm): { mean: number; variance: number; count: number } {
  return { mean: rhythm.usualGap / gapSteps, variance: rhythm.spread / spreadSteps, count: rhythm.gaps };
}
