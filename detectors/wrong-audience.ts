import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16s, u32, type RecordOf } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import { countSeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { confidenceOf } from './use.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

const fields = { ...habitFields, audiences: u16s(4), audienceDays: u16s(4), uses: u32() };
const state = { resource: defineState(fields) };

const parameters = {
  thresholdBits: {
    default: cutOffs['wrong-audience'].bits, kind: 'number',
    describe: 'Bits of surprise from which an audience alerts that a resource never accepted.',
  },
  minimumUses: { default: 50, kind: 'number', describe: 'Uses with a told audience before a resource is judged.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** Audiences of one token that are looked at. */
const maxAudiences = 8;
const mostUses = 4_294_967_295;

export default defineDetector({
  id: 'wrong-audience',
  title: 'A resource accepted a token that was made for somebody else: none of its audiences was ever accepted there.',
  alertTitle: 'Token accepted that was made for another audience',
  state,
  parameters,
  attack: [{ tactic: 'TA0008', technique: 'T1550.001' }],
  owaspNhi: ['NHI4'],
  restsOn: 'workload',
  cases: ['a token for one service accepted by another, which does not check whom it was made for'],
  grace: 'A resource is judged from fifty uses on about sixteen active days.',
  blindSpots: ['Logs without the audience.', 'Resources that accept many audiences anyway.', 'An audience that stands for everything.'],
  acceptance: 'An audience below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse | needs.audience | needs.resource,
  wants: (event) => event.issued === null,

  observe(event: TokenEvent, { resource }: RecordsOf<typeof state>, values: Values): Finding | null {
    const audience = event.audience ?? [];
    if (resource === null || audience.length === 0) return null;
    const day = openDay(resource, event.orderMs);
    let isKnown = false;
    for (let at = 0; at < audience.length && at < maxAudiences; at += 1) {
      const name = fingerprint16(hashText(audience[at] ?? '')) || 1;
      if (noteSeen(resource.audiences, resource.audienceDays, name, day) !== 0) isKnown = true;
    }
    const finding = isKnown ? null : judge(event, resource, audience, values);
    if (!isKnown && resource.uses > 0) countNew(resource, day);
    if (resource.uses < mostUses) resource.uses += 1;
    return finding;
  },

  accept: {
    resource(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.audiences, record.audienceDays, shadow.audiences, shadow.audienceDays);
      record.uses = Math.max(record.uses, shadow.uses);
    },
  },
});

function judge(event: TokenEvent, resource: Record, audience: readonly string[], values: Values): Finding | null {
  if (resource.activeDays <= graceDays || resource.uses < values.minimumUses) return null;
  const bits = surpriseOf(resource);
  if (bits < values.thresholdBits) return null;
  // Those at hand have been learned by then.
  const known = Math.max(1, countSeen(resource.audienceDays) - Math.min(audience.length, maxAudiences));
  return {
    severity: 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, resource.activeDays / (resource.activeDays + 7)),
    reason: `${event.resourceId ?? 'A resource'} accepted a token of ${nameOf(event)} made for ${audience.slice(0, 3).join(', ')}, from ${placeOf(event)}; its `
      + `${countInWords(resource.uses)} uses on ${plural(resource.activeDays, 'day')} came with ${plural(known, 'other audience')}.`,
    baseline: { activeDays: resource.activeDays, uses: resource.uses, knownAudiences: known, daysWithNewAudience: resource.newDays },
    observed: { audience: audience.slice(0, 3).join(', ') },
    deviates: 'token',
  };
}
