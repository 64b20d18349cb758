import type { TokenEvent } from '../src/model/event.ts';
import type { PlaceBefore } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';

/** A fact that needs no history is beyond belief by itself: about one in a million. */
const certainBits = 20;
const lowBits = 8;

type Fact = Pick<Finding, 'severity' | 'reason'> & Partial<Pick<Finding, 'baseline' | 'observed' | 'deviates' | 'claimed'>>;

/** The finding of a detector that goes by facts. Where nobody vouches for the event, it is worth half. */
export function certain(event: TokenEvent, { severity, reason, baseline = {}, observed = {}, deviates = 'token', claimed }: Fact): Finding {
  const confidence = event.authenticated === true ? 1 : event.authenticated === null ? 0.7 : 0.5;
  const finding: Finding = { severity, surpriseBits: severity === 21 ? lowBits : certainBits, confidence, reason, baseline, observed, deviates };
  return claimed === undefined ? finding : { ...finding, claimed };
}

/** Somebody showed the token, whether or not it was let in: to lose it or to see it end is no showing. */
export function isShown({ lifecycle, revoked, identityKind }: TokenEvent): boolean {
  if (identityKind === 'provider') return false;
  return lifecycle === null || lifecycle === 'used' || lifecycle === 'refused' || lifecycle === 'issued' || lifecycle === 'granted' || revoked !== null;
}

/** The token itself was good enough, though what it asked for may have been denied. */
export function isAccepted({ authenticated, outcome }: TokenEvent): boolean {
  return authenticated === true || authenticated === null && outcome === 'success';
}

/** The token was turned away, not merely what it asked for. */
export function isTurnedAway({ authenticated, lifecycle }: TokenEvent): boolean {
  return authenticated === false || authenticated === null && lifecycle === 'refused';
}

/** For a sentence. */
export const placeInWords: Readonly<Record<PlaceBefore, string>> = {
  own: 'a network that it was used from before',
  other: 'a network that it was never used from before',
  unknown: 'a place that cannot be compared with those before',
};
