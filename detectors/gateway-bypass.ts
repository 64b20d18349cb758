import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u32, type RecordOf } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, habitFields, openDay, surpriseOf } from './habit.ts';
import { confidenceOf, dayMs, secondsOf } from './use.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

/** `activeDays` are days on which uses at the resource were matched; `newDays` those with one that was not. */
const fields = { ...habitFields, gatewaySeconds: u32(), matched: u32(), waitingSeconds: u32() };
const state = { identity: defineState(fields) };

const parameters = {
  within: { default: '5m', kind: 'duration', describe: 'A use at the resource belongs to one at the gateway that is no further from it in time.' },
  thresholdBits: { default: cutOffs['gateway-bypass'].bits, kind: 'number', describe: 'Bits of surprise from which uses without the gateway alert.' },
  minimumMatched: { default: 100, kind: 'number', describe: 'Uses at the resource that the gateway had seen before an identity is judged.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

const mostUses = 4_294_967_295;

export default defineDetector({
  id: 'gateway-bypass',
  title: 'An identity whose uses at the resource always came through the gateway is used at the resource, and the gateway, whose log goes on, saw nothing.',
  alertTitle: 'Token used past the gateway',
  state,
  parameters,
  attack: [{ tactic: 'TA0005', technique: 'T1550.001' }, { tactic: 'TA0001', technique: 'T1078' }],
  owaspNhi: ['NHI4', 'NHI5'],
  restsOn: 'workload',
  seesHops: true,
  cases: ['use at the resource without the event of the gateway, where both logs are complete'],
  grace: 'A hundred matched uses on about sixteen active days.',
  blindSpots: [
    'Identities that are busy at the gateway at the same time: within five minutes any use there explains one at the resource.',
    'The first use past the gateway waits until the gateway\'s log is known to have passed it; the next one alerts.',
    'Identities that the two logs name differently, and those that were never seen at both.',
    'Requests that run for long at the gateway, which logs them at their end: what they do at the resource meanwhile may look direct.',
  ],
  acceptance: 'Direct use below the alert is a habit at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse,
  wants: (event) => event.vantage === 'gateway' || event.vantage === 'resource',

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values, context: Context): Finding | null {
    if (identity === null) return null;
    const seconds = secondsOf(event.orderMs);
    const within = values.within / 1000;
    if (event.vantage === 'gateway') return observeGateway(event, identity, seconds, within);
    if (identity.gatewaySeconds === 0) return null;
    return Math.abs(seconds - identity.gatewaySeconds) <= within ? match(event, identity) : observeUnmatched(event, identity, seconds, within, values, context);
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      record.matched = Math.max(record.matched, shadow.matched);
      record.gatewaySeconds = Math.max(record.gatewaySeconds, shadow.gatewaySeconds);
    },
  },
});

/** What stands behind the gateway is done, and logged, before it. */
function observeGateway(event: TokenEvent, identity: Record, seconds: number, within: number): null {
  const { waitingSeconds } = identity;
  if (seconds > identity.gatewaySeconds) identity.gatewaySeconds = seconds;
  if (waitingSeconds === 0 || waitingSeconds > seconds + within || waitingSeconds < secondsOf(event.timeMs) - within) return null;
  identity.waitingSeconds = 0;
  return match(event, identity);
}

function match(event: TokenEvent, identity: Record): null {
  openDay(identity, event.orderMs);
  if (identity.matched < mostUses) identity.matched += 1;
  return null;
}

/** The gateway's log may be behind: what nobody saw there waits until that log has passed it. */
function observeUnmatched(event: TokenEvent, identity: Record, seconds: number, within: number, values: Values, context: Context): Finding | null {
  const { waitingSeconds } = identity;
  if (waitingSeconds === 0) {
    identity.waitingSeconds = seconds;
    return null;
  }
  const heardMs = context.heardMs('gateway');
  if (heardMs === null || heardMs < (waitingSeconds + within) * 1000) return null;
  const bits = surpriseOf(identity);
  const isJudged = identity.matched >= values.minimumMatched && bits >= values.thresholdBits;
  countNew(identity, Math.max(1, Math.floor(waitingSeconds * 1000 / dayMs)));
  identity.waitingSeconds = seconds;
  if (!isJudged) return null;
  return {
    severity: 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.8 * identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)} was used at ${event.resourceId ?? event.service ?? 'the resource'} from ${placeOf(event)} without passing the gateway, `
      + `whose log goes on; ${countInWords(identity.matched)} uses on ${plural(identity.activeDays, 'day')} had all passed it.`,
    baseline: { activeDays: identity.activeDays, matchedUses: identity.matched, daysWithDirectUse: identity.newDays - 1 },
    observed: { sinceGatewayMs: Math.max(0, event.orderMs - identity.gatewaySeconds * 1000), withinMs: values.within },
    deviates: 'token',
  };
}
