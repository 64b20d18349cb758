import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { countBits } from '../src/stats/bloom.ts';
import { daysAtLevel } from '../src/stats/level-days.ts';
import type { Prober } from './probing-records.ts';
import { confidenceOf } from './use.ts';
import { callOf, countInWords, durationInWords, nameOf, placeOf, plural } from './words.ts';

/** Refusals of so many kinds are no mistake of a program. */
const manyKinds = 9;
const successBits = 14;

interface Judged { readonly bits: number; readonly days: number; readonly level: number; readonly day: number }

/** Refusals alone are no ground for acting: at most medium. */
export function probingFinding(event: TokenEvent, actor: Prober, { bits, days, level, day }: Judged): Finding {
  const kinds = Math.min(actor.refusals, Math.round(countBits(actor.kinds)));
  const things = Math.min(actor.refusals, Math.round(countBits(actor.things)));
  const before = daysAtLevel(actor, level, day);
  return {
    severity: event.authenticated !== false && kinds >= manyKinds ? 47 : 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: event.authenticated === false ? 0.3 : confidenceOf(event, 0.5 + 0.3 * days / (days + 7)),
    reason: `${nameOf(event)} was refused ${plural(actor.refusals, 'time')} within ${sinceOf(event, actor)}, in ${plural(kinds, 'kind')} of calls on about `
      + `${plural(things, 'thing')} that were new to it, last ${callOf(event)} from ${placeOf(event)}; `
      + `${days <= 1 ? 'it is new' : `on ${plural(days, 'day')} of history that came ${before === 0 ? 'never' : `on ${plural(before, 'day')}`}`}.`,
    baseline: { historyDays: days, daysWithSuchBreadth: before },
    observed: { refusalsInHour: actor.refusals, kindsInHour: kinds, thingsInHour: things },
    deviates: 'token',
  };
}

/** Let in after it was refused. */
export function successFinding(event: TokenEvent, actor: Prober): Finding {
  return {
    severity: 73,
    surpriseBits: successBits,
    confidence: confidenceOf(event, 0.8),
    reason: `${nameOf(event)} was let in with ${callOf(event)} from ${placeOf(event)}, which had been refused among ${countInWords(actor.refusals)} refusals `
      + `within the ${sinceOf(event, actor)} before: it found something that it may do.`,
    baseline: { successesBefore: 0 },
    observed: { refusalsBefore: actor.refusals, operation: callOf(event) },
    deviates: 'token',
  };
}

function sinceOf(event: TokenEvent, actor: Prober): string {
  return durationInWords(Math.max(1_000, event.orderMs - actor.sinceSeconds * 1_000));
}
