import { defineDetector, type Context, type Silence, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { durationInWords, nameOf } from './words.ts';

const parameters = {
  factor: { default: 4, kind: 'number', describe: 'How many times the longest pause that was usual a silence of a source must last.' },
  floor: { default: '30m', kind: 'duration', describe: 'Shorter silence of a source is never told.' },
  history: { default: '8d', kind: 'duration', describe: 'Deliveries of a source must have been seen for so long: a weekend at least.' },
  tokenFactor: { default: 24, kind: 'number', describe: 'How many times its mean pause a token of an open incident must be silent.' },
} as const;
type Values = ValuesOf<typeof parameters>;

const tokenHistoryMs = 3 * 86_400_000;
const highExcess = 8;
/** So many times the longest pause must have been heard: less is a collection of records, and no log that always delivers. */
const pausesInHistory = 16;

export default defineDetector({
  id: 'log-silence',
  title: 'A log that always delivers has fallen silent, or a busy token of an open incident has.',
  alertTitle: 'Log fell silent',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0005', technique: 'T1562.008' }],
  owaspNhi: ['NHI5'],
  restsOn: 'volume',
  cases: ['C86 a log that is stopped', 'C86 a busy token that vanishes from the log after an alert'],
  judgesUnauthenticated: 'What it judges is no event but the want of any.',
  grace: 'A source after eight days, a token after three.',
  blindSpots: [
    'A source that never delivered, or pauses as long as that by habit.',
    'A log from which only some records are taken out.',
    'In a replay, where files end, only pauses after which more came are told, and tokens are not looked at.',
  ],
  acceptance: 'A pause that came back becomes usual for the source; the alert ends when it delivers again.',

  needs: needs.silence,

  observe(event: TokenEvent, _records: object, values: Values, { silence }: Context): Finding | null {
    if (silence === null) return null;
    return silence.of === 'source' ? judgeSource(event, silence, values) : judgeToken(event, silence, values);
  },
});

function judgeSource(event: TokenEvent, silence: Silence, values: Values): Finding | null {
  const { silentMs, usualPauseMs, historyMs } = silence;
  const limitMs = Math.max(values.floor, values.factor * usualPauseMs);
  if (historyMs < values.history || historyMs < pausesInHistory * usualPauseMs || silentMs < limitMs) return null;
  const reason = `The log ${event.source} has delivered nothing for ${durationInWords(silentMs)}; in ${durationInWords(historyMs)} before it never paused `
    + `for longer than ${durationInWords(Math.max(1000, usualPauseMs))}.`;
  return finding(reason, limitMs, silence);
}

function judgeToken(event: TokenEvent, silence: Silence, values: Values): Finding | null {
  const { silentMs, usualPauseMs, historyMs } = silence;
  const limitMs = values.tokenFactor * usualPauseMs;
  if (historyMs < tokenHistoryMs || silentMs < limitMs) return null;
  const reason = `A token of ${nameOf(event)}, used every ${durationInWords(Math.max(1000, usualPauseMs))} before, has not been seen for `
    + `${durationInWords(silentMs)} while its incident is open, though nobody revoked it.`;
  return finding(reason, limitMs, silence);
}

function finding(reason: string, limitMs: number, { silentMs, usualPauseMs, historyMs, of }: Silence): Finding {
  const excess = silentMs / limitMs;
  return {
    severity: of === 'source' && excess >= highExcess ? 73 : 47,
    surpriseBits: Math.round(10 * (10 + 4 * Math.log2(excess))) / 10,
    confidence: Math.round(100 * historyMs / (historyMs + 7 * 86_400_000)) / 100,
    reason,
    baseline: { usualPauseMs: Math.round(usualPauseMs), historyMs, limitMs: Math.round(limitMs) },
    observed: { silenceMs: silentMs },
    deviates: 'token',
  };
}
