import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { certain, isAccepted, isShown, isTurnedAway, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  reaction: { default: '1h', kind: 'duration', describe: 'Time in which the owner of a leaked token may still be putting a new one in its place.' },
} as const;

/** Secret scanners that try what they found call themselves so. */
const scanner = 'trufflehog';

export default defineDetector({
  id: 'leaked-token-use',
  title: 'A token that was found where it does not belong is used, or a secret scanner tries one.',
  alertTitle: 'Leaked token used',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0006', technique: 'T1552.001' }, { tactic: 'TA0001', technique: 'T1078' }],
  owaspNhi: ['NHI2'],
  restsOn: 'lifecycle',
  cases: ['C78 a leaked key that is used from elsewhere', 'C79 a leak that nobody answers', 'C80 a secret that a scanner tries out'],
  judgesUnauthenticated: 'Whoever tries a leaked token that was stopped meanwhile has found it.',
  neverHidden: true,
  grace: 'None: the leak was reported.',
  blindSpots: ['A leak that no scanner reports.', 'What was done with it before it was reported.', 'Scanners that call themselves something else.'],
  acceptance: 'Nothing is learned; the alert ends when the token is used no more.',

  wants: (event, context) => ((context.fate & fates.leaked) !== 0 || isScanner(event.userAgent)) && isShown(event),

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    if ((context.fate & fates.leaked) === 0) return judgeScanner(event);
    const leakedMs = context.fateSinceMs('leaked');
    if (leakedMs === null || event.timeMs <= leakedMs) return null;
    const place = context.placeBefore(leakedMs);
    const baseline = { leakReportedAtMs: leakedMs };
    const observed = { sinceLeakMs: event.timeMs - leakedMs, place };
    const told = (fact: Parameters<typeof certain>[1]) => certain(event, (context.fate & fates.claimed) === 0 ? fact : { ...fact, claimed: true });
    const since = durationInWords(event.timeMs - leakedMs);
    if (isAccepted(event) && place !== 'own') {
      return told({
        severity: place === 'other' ? 99 : 73, baseline, observed,
        reason: `A leaked token of ${nameOf(event)} was used ${since} after the leak was reported, from ${placeOf(event)}, ${placeInWords[place]}.`,
      });
    }
    if (isAccepted(event)) {
      if (event.timeMs - leakedMs <= values.reaction) return null;
      const reason = `A token of ${nameOf(event)} is still in use ${since} after its leak was reported: whoever found it can use it as well.`;
      return told({ severity: 47, reason, baseline, observed });
    }
    if (place !== 'other' || !isTurnedAway(event)) return null;
    const reason = `Somebody tried a leaked token of ${nameOf(event)}, in vain, ${since} after the leak was reported, from ${placeOf(event)}.`;
    return told({ severity: 47, reason, baseline, observed });
  },
});

function judgeScanner(event: TokenEvent): Finding {
  const isValid = isAccepted(event);
  // In the operator's own networks it is likely to be the operator's own search.
  const isOwn = event.networkClass === 'private' || event.networkName !== null;
  return certain(event, {
    severity: isOwn ? 21 : isValid ? 73 : 47,
    reason: `A secret scanner tried a token of ${nameOf(event)} from ${placeOf(event)}${isValid ? ', and it is valid' : ''}: it lies where scanners look.`,
    observed: { userAgent: event.userAgent ?? scanner, valid: isValid ? 'yes' : 'no' },
  });
}

/** The first letter keeps nearly every agent out. */
function isScanner(agent: string | null): boolean {
  if (agent === null || (agent.charCodeAt(0) | 32) !== scanner.charCodeAt(0)) return false;
  return agent.slice(0, scanner.length).toLowerCase() === scanner;
}
