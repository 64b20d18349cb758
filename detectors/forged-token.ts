import { defineDetector, type Context, type RecordsOf, type Unissued } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain } from './certain.ts';
import { countInWords, durationInWords, nameOf, placeOf } from './words.ts';

/** Nothing is kept: what issuers tell is known to the registry. */
const state = {};

export default defineDetector({
  id: 'forged-token',
  title: 'A token was accepted that its issuer, whose log is complete, never issued.',
  alertTitle: 'Token accepted that nobody issued',
  state,
  parameters: {},
  attack: [{ tactic: 'TA0006', technique: 'T1606' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI4'],
  restsOn: 'lifecycle',
  neverHidden: true,
  cases: [
    'a token with a good signature that its issuer never issued', 'a token under a key that its issuer never used',
    'a token whose lifetime is unlike all others of its issuer',
  ],
  grace: 'Two hundred tokens of the issuer whose issuance and use were both read, 820 where nothing else is strange; a use is judged an hour after it, '
    + 'once the issuer\'s log was heard past that.',
  blindSpots: [
    'Issuers whose log is not read, or tells only of some tokens: where many are missing, none is strange.',
    'Tokens that say they were made before the log began, in a pause of it, or say nothing of when.',
    'Forged tokens for three owners or more within half an hour, more than one for twenty that were issued: that looks like a log that fails.',
    'A forged token like the issuer\'s own, used where its owner is at home, while fewer than 820 tokens were found in the log for the first that was '
      + 'missing there and some 8,000 for each further one, or while hardly any are issued about that time: one lost line looks the same.',
  ],
  acceptance: 'A fact: only who closes the alert ends it.',

  needs: needs.unissued,

  observe(event: TokenEvent, _records: RecordsOf<typeof state>, _values: object, { unissued }: Context): Finding | null {
    return unissued === null ? null : findingOf(event, unissued);
  },
});

const noSign = 'nothing else about it is strange, so either it was made with the issuer\'s key or one line of that log is lost';

function findingOf(event: TokenEvent, unissued: Unissued): Finding {
  const signs = signsOf(event, unissued);
  return certain(event, {
    severity: unissued.unknownKey || signs.length > 1 ? 99 : signs.length === 1 ? 73 : 47,
    reason: `A token of ${nameOf(event)} was accepted from ${placeOf(event)} that ${event.tokenIssuer ?? 'its issuer'} never issued: its log tells of `
      + `${countInWords(unissued.matched)} tokens that were used, and lacked ${countInWords(unissued.missing)}; `
      + `${signs.length === 0 ? noSign : signs.join(', and ')}.`,
    baseline: { tokensIssuedAndUsed: unissued.matched, tokensMissing: unissued.missing, longestLifetimeMs: unissued.longestMs },
    observed: { ...(unissued.lifetimeMs === null ? {} : { lifetimeMs: unissued.lifetimeMs }), ...(event.keyId === null ? {} : { keyId: event.keyId }) },
  });
}

function signsOf({ keyId }: TokenEvent, { unknownKey, oddLifetime, lifetimeMs, isElsewhere, isRepeated }: Unissued): string[] {
  const signs: string[] = [];
  if (unknownKey) signs.push(`no token of it was ever signed with the key ${keyId ?? ''}`);
  if (oddLifetime && lifetimeMs === null) signs.push('it has no end, where all others have one');
  else if (oddLifetime && lifetimeMs !== null) signs.push(`it lives for ${durationInWords(lifetimeMs)}, as none other does`);
  if (isElsewhere) signs.push('its owner was never seen there');
  if (isRepeated) signs.push('it is not the first one of this owner within a day');
  return signs;
}
