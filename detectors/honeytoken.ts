import { defineDetector, type Context } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { certain, isAccepted, isShown } from './certain.ts';
import { placeOf } from './words.ts';

export default defineDetector({
  id: 'honeytoken',
  title: 'Somebody touches a token that was laid out as bait.',
  alertTitle: 'Honeytoken touched',
  state: {},
  parameters: {},
  attack: [{ tactic: 'TA0006', technique: 'T1552.001' }],
  owaspNhi: ['NHI2'],
  restsOn: 'origin',
  sufficesAlone: true,
  cases: ['C81 a bait that is used', 'C81 a bait that is tried and turned away'],
  judgesUnauthenticated: 'Baits are usually worthless, so whoever tries one is turned away.',
  neverHidden: true,
  grace: 'None: nobody has a reason to use it. Which tokens are baits stands under honeytokens in the configuration.',
  blindSpots: ['A bait that is copied and never tried.', 'Access logs that do not tell which token was tried.'],
  acceptance: 'Nothing is learned, and no exception hides it: what may touch it is none.',

  fates: fates.honeytoken,

  // That it fell silent is no showing.
  wants: (event, context) => context.silence === null && isShown(event),

  observe(event: TokenEvent, _records: object, _values: object, context: Context): Finding | null {
    const name = context.honeytoken;
    if (name === null) return null;
    const wasLetIn = isAccepted(event);
    const did = event.action ?? event.method;
    return certain(event, {
      severity: event.authenticated === false ? 73 : 99,
      reason: `The honeytoken ${name} was ${wasLetIn ? 'used' : 'tried'}${did === null ? '' : ` (${did})`} from ${placeOf(event)}: nobody has a reason to, `
        + 'so whoever did found it where it was laid out.',
      observed: { honeytoken: name, accepted: wasLetIn ? 'yes' : 'no' },
      deviates: event.networkBlock === null ? 'token' : 'network',
    });
  },
});
