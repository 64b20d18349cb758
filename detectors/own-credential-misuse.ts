import { defineDetector } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import { defineState, u32 } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import { actionClasses, classInWords, classOfName, type ActionClass } from './action-classes.ts';
import { certain, isShown } from './certain.ts';
import { nameOf, placeOf } from './words.ts';

/** Our own places: one host has one, a pair behind a few gateways has a few. */
const places = ['place0', 'place1', 'place2', 'place3'] as const;
/** What merely asks or reads is part of every proof that a call took effect. */
const { asks, discovers, reads } = actionClasses;
const quiet = asks | discovers | reads;
/** What no delivery of alerts does. */
const { mints, permits, exposes, runs, destroys, disarms } = actionClasses;
const foreign = mints | permits | exposes | runs | destroys | disarms;
/** Questions that interfaces have written as acts: reviews of Kubernetes, look-ups of Vault, introspection, simulated policies. */
const question = /review|lookup|look-up|capabilit|introspect|simulate/i;

export default defineDetector({
  id: 'own-credential-misuse',
  title: 'A credential that this service acts with is used for what the service did not do, or from another place than its own.',
  alertTitle: 'Own credential misused',
  state: { actor: defineState({ place0: u32(), place1: u32(), place2: u32(), place3: u32() }) },
  parameters: {},
  attack: [{ tactic: 'TA0005', technique: 'T1562' }, { tactic: 'TA0001', technique: 'T1078' }],
  owaspNhi: ['NHI2', 'NHI5'],
  restsOn: 'lifecycle',
  cases: ['the key that revokes keys is stolen', 'somebody on the host of the service acts by its credential', 'a sink\'s credential makes another one'],
  neverHidden: true,
  grace: 'Judged from the first start of the service on: calls are noted from there. Places are known from the first call that an audit log tells of.',
  blindSpots: [
    'What is done about the time of one of our calls, to the same token, from our own place.',
    'Mere reading, before any of our calls was seen in an audit log.',
    'Credentials that no log names, or whose name nobody tells: `doctor --connect` says which.', 'Operations whose name does not tell what they do.',
  ],
  acceptance: 'Nothing is learned of what alerts. Where the service moved, close the alert as benign: the place is its own from then on.',

  fates: fates.own,

  wants: (event, context) => context.silence === null && isShown(event) && event.outcome !== 'failure',

  observe(event: TokenEvent, { actor }, _parameters, context) {
    const own = context.ownUse;
    if (own === null || actor === null) return null;
    const what = actOf(event);
    const bits = what === null ? 0 : actionClasses[what];
    const isAct = (bits & ~quiet) !== 0;
    const isStrange = own.acts ? isAct && !own.isNoted : (bits & foreign) !== 0;
    const isElsewhere = own.acts && isForeignPlace(event, actor);
    if (!isStrange && !isElsewhere) {
      if (own.acts && isAct) learnPlace(event, actor);
      return null;
    }
    const did = event.action ?? event.method ?? 'something';
    const noted = own.lastCallMs === null ? ': it noted no call before' : '';
    const why = isStrange ? `which this service did not do${noted}` : 'where this service never called from';
    return certain(event, {
      severity: 99,
      reason: `${nameOf(event)}, which "${own.of}" of this service ${own.acts ? 'acts' : 'delivers'} with, `
        + `${what === null ? 'was used' : classInWords(what)} (${did}) from ${placeOf(event)}, ${why}: whoever has it can stop or blind the response.`,
      observed: { noted_call: own.isNoted ? 'yes' : 'no', own_place: isElsewhere ? 'no' : 'yes' },
    });
  },

  accept: {
    actor(record, shadow) {
      for (const place of places) if (shadow[place] !== 0) add(record, shadow[place]);
    },
  },
});

type Places = Record<typeof places[number], number>;

/** `null`: its name does not tell, or it only fetched a token to show. */
function actOf({ action, lifecycle, issuedKind, resourceId }: TokenEvent): ActionClass | null {
  if (lifecycle === 'issued' && (issuedKind === 'jwt' || issuedKind === 'opaque' || issuedKind === 'refresh' || issuedKind === null)) return null;
  if (action === null || question.test(action) || resourceId !== null && question.test(resourceId)) return null;
  return classOfName(action);
}

function isForeignPlace({ networkBlock }: TokenEvent, record: Places): boolean {
  if (networkBlock === null || record.place0 === 0) return false;
  const hash = hashOf(networkBlock);
  return places.every((place) => record[place] !== hash);
}

function learnPlace({ networkBlock }: TokenEvent, record: Places): void {
  if (networkBlock !== null) add(record, hashOf(networkBlock));
}

function add(record: Places, hash: number): void {
  if (places.some((place) => record[place] === hash)) return;
  const free = places.find((place) => record[place] === 0);
  if (free !== undefined) record[free] = hash;
}

function hashOf(text: string): number {
  return hashText(text) >>> 0 || 1;
}
