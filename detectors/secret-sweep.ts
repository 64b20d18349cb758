import { defineDetector, type Context, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { addBits, mergeBits } from '../src/stats/bloom.ts';
import { hashText } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { countSeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { evidenceDays, graceDays, openDay } from './habit.ts';
import { meetCloud } from './secret-clouds.ts';
import { parameters, state, type SecretReader, type SecretValues } from './secret-records.ts';
import { isSecretRead } from './secret-reads.ts';
import { confidenceOf, dayMs, daysSince, incidentBefore, secondsOf } from './use.ts';
import { durationInWords, nameOf, openIncident, placeOf, plural } from './words.ts';

const id = 'secret-sweep';
/** Days of evidence without which only an open incident makes a sweep one. */
const leastDays = 7;
const mostCounted = 65_535;

export default defineDetector({
  id,
  title: 'Many secrets are read by somebody who never read them, in regions where it never did, or from one new place in two clouds.',
  alertTitle: 'Many secrets read',
  state,
  parameters,
  attack: [{ tactic: 'TA0006', technique: 'T1555.006' }, { tactic: 'TA0009', technique: 'T1119' }],
  owaspNhi: ['NHI5', 'NHI2'],
  restsOn: 'volume',
  cases: [
    'C06 very many secrets read by one caller', 'C07 secrets of many regions read one after the other',
    'C08 secrets of two clouds read from one place that is new to both readers',
  ],
  grace: 'Seven days of reading, or four weeks after the identity was first seen; within an open incident at once. For two clouds some fifteen '
    + 'days of reading.',
  blindSpots: [
    'A reader that always reads everything: it has nothing new to read.',
    'Fewer than the minimum in a day, day after day.',
    'Stores that write no record of reads: Data Access logs of Google Cloud, and diagnostic settings of Key Vault, must be switched on.',
    'After several hundred secrets a new one is sometimes taken for known.',
  ],
  acceptance: 'Secrets below the alert are known at once; those that alerted after 14 days in which nothing new joined them.',

  needs: needs.successfulUse | needs.action,
  wants: isSecretRead,

  observe(event: TokenEvent, { actor, network }: RecordsOf<typeof state>, values: SecretValues, context: Context): Finding | null {
    if (actor === null) return null;
    const day = openDay(actor, event.orderMs);
    turnWindow(actor, event.orderMs, values);
    const region = learnRegion(event, actor, day);
    const clouds = meetCloud(event, actor, network, day);
    const isNew = learnRead(event, actor);
    if (isNew && actor.fresh >= values.minimumSecrets) {
      const finding = judgeSweep(event, actor, values, context);
      if (finding !== null) return finding;
    }
    if (region && actor.newRegions >= values.minimumRegions) {
      const finding = judgeRegions(event, actor, values);
      if (finding !== null) return finding;
    }
    return clouds !== null && clouds.surpriseBits >= values.thresholdBits ? clouds : null;
  },

  accept: {
    actor(record, shadow): void {
      mergeBits(record.known, shadow.known);
      mergeSeen(record.regions, record.regionDays, shadow.regions, shadow.regionDays);
      mergeSeen(record.networks, record.networkDays, shadow.networks, shadow.networkDays);
      record.freshPeak = Math.max(record.freshPeak, shadow.freshPeak, shadow.fresh);
      for (const name of ['sweeps', 'manyRegions', 'newNetworks', 'activeDays', 'lastDay'] as const) {
        record[name] = Math.max(record[name], shadow[name]);
      }
    },
  },
});

/** A day begins with the first read after the one before has passed; what it brought becomes history. */
function turnWindow(actor: SecretReader, orderMs: number, values: SecretValues): void {
  const seconds = secondsOf(orderMs);
  if (actor.windowSeconds !== 0 && seconds - actor.windowSeconds < dayMs / 1000) return;
  if (actor.fresh >= values.minimumSecrets) actor.sweeps = Math.min(mostCounted, actor.sweeps + 1);
  if (actor.newRegions >= values.minimumRegions) actor.manyRegions = Math.min(mostCounted, actor.manyRegions + 1);
  actor.freshPeak = Math.max(actor.freshPeak, actor.fresh);
  actor.fresh = actor.newRegions = 0;
  if (seconds > actor.windowSeconds) actor.windowSeconds = seconds;
}

/** Answers whether the secret was new to the reader. */
function learnRead({ resourceId, urlPath }: TokenEvent, actor: SecretReader): boolean {
  const secret = resourceId ?? urlPath;
  if (secret === null) return false;
  if (addBits(actor.known, hashText(secret))) return false;
  actor.fresh = Math.min(mostCounted, actor.fresh + 1);
  return true;
}

function learnRegion({ cloudRegion }: TokenEvent, actor: SecretReader, day: number): boolean {
  if (cloudRegion === null) return false;
  const isNew = noteSeen(actor.regions, actor.regionDays, fingerprint16(hashText(cloudRegion)), day) === 0;
  if (isNew) actor.newRegions = Math.min(255, actor.newRegions + 1);
  return isNew;
}

function judgeSweep(event: TokenEvent, actor: SecretReader, values: SecretValues, context: Context): Finding | null {
  const days = Math.max(actor.activeDays, daysSince(context.identitySinceMs, event.orderMs));
  const evidence = evidenceDays(actor.activeDays, context.identitySinceMs, event.orderMs);
  const inIncident = incidentBefore(event, context, id) !== null;
  const bits = noveltyBits(actor.sweeps, evidence) + Math.log2(actor.fresh / Math.max(1, actor.freshPeak));
  if (!inIncident && (evidence < leastDays || bits < values.thresholdBits)) return null;
  const passedMs = Math.max(0, event.orderMs - actor.windowSeconds * 1000);
  return {
    severity: inIncident || bits >= values.thresholdBits + 3 ? 73 : 47,
    surpriseBits: Math.round(Math.max(bits, values.thresholdBits) * 10) / 10,
    confidence: confidenceOf(event, 0.5 + 0.5 * days / (days + 14)),
    reason: `${nameOf(event)} read ${plural(actor.fresh, 'secret')} that it had never read, within ${durationInWords(Math.max(1000, passedMs))}, from `
      + `${placeOf(event)}; in ${plural(days, 'day')} there were at most ${plural(actor.freshPeak, 'new one')} in a day${inIncident ? openIncident : ''}.`,
    baseline: { historyDays: days, daysWithSweeps: actor.sweeps, mostNewSecretsInADay: actor.freshPeak },
    observed: { newSecrets: actor.fresh, withinMs: passedMs },
    deviates: 'token',
  };
}

function judgeRegions(event: TokenEvent, actor: SecretReader, values: SecretValues): Finding | null {
  const { activeDays, newRegions } = actor;
  if (activeDays <= graceDays || activeDays < leastDays) return null;
  const bits = noveltyBits(actor.manyRegions, activeDays) + 0.75 * newRegions;
  if (bits < values.thresholdBits) return null;
  const known = Math.max(1, countSeen(actor.regionDays) - newRegions);
  return {
    severity: 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, activeDays / (activeDays + 7)),
    reason: `${nameOf(event)} read secrets in ${plural(newRegions, 'region')} where it never had, within a day, from ${placeOf(event)}; `
      + `on ${plural(activeDays, 'day')} before it kept to ${plural(known, 'region')}.`,
    baseline: { activeDays, daysWithManyNewRegions: actor.manyRegions },
    observed: { newRegions, region: event.cloudRegion ?? '' },
    deviates: 'token',
  };
}
