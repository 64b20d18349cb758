import { countInterval } from './report.ts';

/** How often a detector alerted in vain with a cut-off of so many bits. */
export interface Tried { readonly bits: number; readonly alerts: number }

/** A cut-off and what it costs: false alerts per 10,000 identity-days, as estimated, and at most with 95 %. */
export interface CutOff { readonly bits: number; readonly expected: number; readonly atMost: number }

/** Fewer alerts at the lowest cut-off tell nothing of how fast they grow rare. */
export const fewestAlerts = 10;
const perDays = 10_000;
const step = 0.1;
const mostBits = 40;
/** 95 % on one side. */
const oneSided = 1.645;

/**
 * The lowest cut-off, in tenths of a bit and not below the lowest that told something, with which no more than `share` false alerts per 10,000
 * identity-days are to be expected, and how many come at most. Exceedances of a high threshold fall off exponentially (Pickands, Balkema and de Haan), here in bits:
 * alerts = a * 2^-(bits / scale), the scale by maximum likelihood from how many alerts lie between neighbouring cut-offs, its error that of a mean
 * of as many excesses. `null` where too few alerts tell.
 */
export function lowestCutOff(tried: readonly Tried[], identityDays: number, share: number): CutOff | null {
  const rows = fromWhereTheyFall(tried.toSorted((a, b) => a.bits - b.bits));
  const [lowest] = rows;
  if (lowest === undefined || lowest.alerts < fewestAlerts) return null;
  const scale = scaleOf(rows);
  for (let bits = lowest.bits; bits < mostBits; bits += step) {
    const above = bits - lowest.bits;
    const expected = lowest.alerts * 2 ** (-above / scale) / identityDays * perDays;
    const error = Math.sqrt((1 + (above * Math.LN2 / scale) ** 2) / lowest.alerts);
    const atMost = expected * Math.exp(oneSided * error);
    if (expected <= share) return { bits: Math.round(bits * 10) / 10, expected, atMost };
  }
  return null;
}

/** Some detectors know no less surprise than they show at a floor: below it a lower cut-off brings no more, and tells nothing of the fall-off. */
function fromWhereTheyFall(rows: readonly Tried[]): readonly Tried[] {
  const first = rows.findIndex(({ alerts }, at) => alerts > (rows[at + 1]?.alerts ?? 0));
  return first < 0 ? [] : rows.slice(first);
}

/** At most so many per 10,000 identity-days, with 95 %, where `alerts` were counted. */
export function atMost(alerts: number, identityDays: number): number {
  return countInterval(alerts)[1] / identityDays * perDays;
}

/** Bits in which alerts grow rarer by half. */
export function scaleOf(rows: readonly Tried[]): number {
  let best = 1;
  let highest = -Infinity;
  for (let scale = 0.2; scale <= 10; scale += 0.02) {
    const likelihood = logLikelihood(rows, scale);
    if (likelihood > highest) [best, highest] = [scale, likelihood];
  }
  return best;
}

function logLikelihood(rows: readonly Tried[], scale: number): number {
  const first = rows[0]?.bits ?? 0;
  const beyond = (bits: number): number => 2 ** (-(bits - first) / scale);
  return rows.reduce((sum, { bits, alerts }, at) => {
    const next = rows[at + 1];
    // More alerts at a higher cut-off are chance: what opened one alert before opens two.
    const between = Math.max(0, alerts - (next?.alerts ?? 0));
    return between === 0 ? sum : sum + between * Math.log(beyond(bits) - (next === undefined ? 0 : beyond(next.bits)));
  }, 0);
}
