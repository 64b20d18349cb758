import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16s, type RecordOf } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import { countSeen, daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { environmentOfCaller, environmentOfTarget, production, type Environment } from './environment.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { confidenceOf } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';

const fields = { ...habitFields, targets: u16s(4), targetDays: u16s(4) };
const state = { identity: defineState(fields) };

const parameters = {
  thresholdBits: { default: cutOffs['environment-crossing'].bits, kind: 'number', describe: 'Bits of surprise from which a crossing alerts.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

const highBits = 9;

export default defineDetector({
  id: 'environment-crossing',
  title: 'A token that by its names belongs to production works elsewhere, or one of another environment in production, and its identity never did so.',
  alertTitle: 'Token used across environments',
  state,
  parameters,
  attack: [{ tactic: 'TA0008', technique: 'T1550.001' }],
  owaspNhi: ['NHI8'],
  restsOn: 'workload',
  cases: ['C40 a production token accepted in staging, or the other way round'],
  grace: 'Four active days.',
  blindSpots: ['Environments whose names do not say what they are.', 'Identities that cross from the beginning.', 'A name that holds the words of both.'],
  acceptance: 'A target below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse,
  wants: (event) => environmentOfCaller(event) !== 0,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values): Finding | null {
    if (identity === null) return null;
    const day = openDay(identity, event.orderMs);
    const [own, target] = [environmentOfCaller(event), environmentOfTarget(event)];
    if (target === 0 || target === own) return null;
    const name = fingerprint16(hashText(targetOf(event))) || 1;
    const isKnown = daySeen(identity.targets, identity.targetDays, name) !== 0;
    const finding = isKnown || identity.activeDays <= graceDays ? null : judge(event, identity, own, values);
    noteSeen(identity.targets, identity.targetDays, name, day);
    if (!isKnown) countNew(identity, day);
    return finding;
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.targets, record.targetDays, shadow.targets, shadow.targetDays);
    },
  },
});

function targetOf(event: TokenEvent): string {
  return event.urlDomain ?? event.resourceId ?? event.service ?? '';
}

function judge(event: TokenEvent, identity: Record, own: Environment, values: Values): Finding | null {
  const bits = surpriseOf(identity);
  if (bits < values.thresholdBits) return null;
  const isIntoProduction = own !== production;
  const [from, to] = isIntoProduction ? ['another environment', 'production'] : ['production', 'another environment'];
  const crossed = countSeen(identity.targetDays);
  return {
    severity: isIntoProduction && bits >= highBits ? 73 : 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.8 * identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)}, by its name of ${from}, was accepted by ${targetOf(event)}, by its name of ${to}, from ${placeOf(event)}; on `
      + `${plural(identity.activeDays, 'day')} of use it ${crossed === 0 ? 'never crossed over' : `crossed over to ${plural(crossed, 'other place')} only`}.`,
    baseline: { activeDays: identity.activeDays, daysWithNewCrossing: identity.newDays, knownCrossings: crossed },
    observed: { target: targetOf(event), environment: to },
    deviates: 'token',
  };
}
