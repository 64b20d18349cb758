import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  grace: { default: '15m', kind: 'duration', describe: 'Time that a reset may take to reach every gateway.' },
} as const;

const id = 'containment-gap';

export default defineDetector({
  id,
  title: 'During an incident somebody reset a password, locked the account or stopped a key, and yet a token of it still works.',
  alertTitle: 'Containment did not reach a token',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0003', technique: 'T1078' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI1', 'NHI4'],
  restsOn: 'lifecycle',
  cases: ['C84 a password reset that leaves a stolen token working', 'C84 a second key that nobody stopped', 'C84 a token minted before the lock'],
  grace: 'None: it only speaks while an incident is open.',
  blindSpots: [
    'A reset of which no log tells, or that names the actor under another id.',
    'Tokens issued during the incident by somebody else than who is in it count as new ones.',
  ],
  acceptance: 'Nothing is learned. It ends with the token or with the incident.',

  fates: fates.contained,

  needs: needs.successfulUse | needs.token,
  wants: (_event, context) => (context.fate & fates.revoked) === 0,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const containedMs = context.fateSinceMs('contained');
    const issuedMs = event.issuedAtMs ?? context.tokenIssuedMs;
    if (containedMs === null || issuedMs === null || issuedMs >= containedMs || event.timeMs - containedMs <= values.grace) return null;
    const incidentMs = context.incidentSinceMs('any', id);
    if (incidentMs === null || incidentMs > containedMs) return null;
    // Made during the incident: by the thief if it descends from what he had, else as part of the repair.
    if (issuedMs > incidentMs && context.incidentSinceMs('lineage', id) === null) return null;
    const place = context.placeBefore(incidentMs);
    const handle = event.tokenHandle ?? event.token ?? 'token';
    return certain(event, {
      severity: place === 'other' ? 99 : 73,
      reason: `Containment did not reach token ${handle}: ${nameOf(event)} was cut off ${durationInWords(event.timeMs - containedMs)} ago, `
        + `during an open incident, and the token, issued ${durationInWords(event.timeMs - issuedMs)} ago, still works, `
        + `from ${placeOf(event)}, ${placeInWords[place]}.`,
      baseline: { containedAtMs: containedMs, incidentSinceMs: incidentMs, graceMs: values.grace },
      observed: { sinceContainmentMs: event.timeMs - containedMs, tokenAgeMs: event.timeMs - issuedMs, place },
    });
  },
});
