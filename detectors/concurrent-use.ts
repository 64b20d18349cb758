import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u16s, u32, u32s, type RecordOf } from '../src/model/state.ts';
import { combineHashes, hashText } from '../src/stats/hash.ts';
import { countSeen, daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { hides, networkInWords, networkOf } from './network.ts';
import { confidenceOf, secondsOf } from './use.ts';
import { durationInWords, nameOf, placeOf, plural } from './words.ts';

const fields = {
  ...habitFields,
  /** Last uses of tokens in networks; the one not used for longest gives way. */
  tokens: u16s(6), networks: u32s(6), seconds: u32s(6),
  /** The network of most uses, by a running majority vote (Boyer and Moore): at two places at once, it is not the odd one. */
  home: u32(), votes: u16(),
  /** Pairs of networks in which one token was in use at once. */
  pairs: u16s(3), pairDays: u16s(3),
};
const state = { identity: defineState(fields) };

const parameters = {
  within: {
    default: '30m', kind: 'duration',
    describe: 'Used in one network, in another, and in the first again within this time, a token is in both at once.',
  },
  thresholdBits: { default: cutOffs['concurrent-use'].bits, kind: 'number', describe: 'Bits of surprise from which a token in two networks at once alerts.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** So many uses elsewhere and a network is no longer home. */
const mostVotes = 1_000;
const hiddenBits = 4;
/** People carry a telephone beside their computer. */
const humanBits = 4;
const mediumBits = 10;
const highBits = 14;

export default defineDetector({
  id: 'concurrent-use',
  title: 'One token is in use in two networks at the same time, and tokens of its identity never are.',
  alertTitle: 'Token in use in two places at once',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI2', 'NHI9'],
  restsOn: 'origin',
  cases: ['C21 one token in two networks in turn within half an hour', 'a stolen token that works beside its owner, where new places are nothing new'],
  grace: 'Fourteen active days with the default threshold; in a network that hides its users three.',
  blindSpots: [
    'Two places within one autonomous system or cloud, or both private.',
    'A single use between two of the owner\'s.',
    'A thief who works only while the owner rests.',
    'Identities whose tokens are shared between places anyway.',
  ],
  acceptance: 'A pair of networks below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse | needs.token | needs.network,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values): Finding | null {
    const network = networkOf(event) >>> 0;
    if (identity === null || event.token === null || network === 0) return null;
    const seconds = secondsOf(event.orderMs);
    // Two logs may show one use with two addresses: each is compared with itself.
    const token = fingerprint16(combineHashes(hashText(event.token), hashText(event.source))) || 1;
    const day = openDay(identity, event.orderMs);
    const other = otherPlace(identity, token, network, seconds, Math.floor(values.within / 1000));
    const isOdd = other >= 0 && network !== identity.home;
    const finding = isOdd ? judge(event, identity, network, other, values) : null;
    if (isOdd) learnPair(identity, pairOf(network, identity.networks.get(other)), day);
    noteUse(identity, token, network, seconds);
    vote(identity, network);
    return finding;
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.pairs, record.pairDays, shadow.pairs, shadow.pairDays);
    },
  },
});

/** Place of the last use elsewhere that lies between two uses here, -1: none. */
function otherPlace({ tokens, networks, seconds: times }: Record, token: number, network: number, seconds: number, within: number): number {
  let own = -1;
  let other = -1;
  for (let place = 0; place < tokens.length; place += 1) {
    if (tokens.get(place) !== token) continue;
    if (networks.get(place) === network) own = place;
    else if (other < 0 || times.get(place) > times.get(other)) other = place;
  }
  if (own < 0 || other < 0) return -1;
  const [here, there] = [times.get(own), times.get(other)];
  return here <= there && seconds >= there && seconds - here <= within ? other : -1;
}

function judge(event: TokenEvent, identity: Record, network: number, other: number, values: Values): Finding | null {
  const there = identity.networks.get(other);
  if (identity.activeDays <= graceDays || daySeen(identity.pairs, identity.pairDays, pairOf(network, there)) !== 0) return null;
  let bits = surpriseOf(identity);
  if (hides(event)) bits += hiddenBits;
  if (event.identityKind === 'human') bits -= humanBits;
  if (bits < values.thresholdBits) return null;
  const apartMs = event.orderMs - identity.seconds.get(other) * 1000;
  const pairs = countSeen(identity.pairDays);
  return {
    severity: bits >= highBits ? 73 : bits >= mediumBits ? 47 : 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, identity.activeDays / (identity.activeDays + 7)),
    reason: `One token of ${nameOf(event)} is in use at two places at once: at ${placeOf(event)}, and ${durationInWords(apartMs)} before, between two uses `
      + `from there, in ${networkInWords(there)}; on ${plural(identity.activeDays, 'day')} of use `
      + `${pairs === 0 ? 'none of its tokens was in two networks at once' : `its tokens shared ${plural(pairs, 'pair')} of networks, never these`}.`,
    baseline: { activeDays: identity.activeDays, daysWithNewPair: identity.newDays, knownPairs: pairs },
    observed: {
      apartMs, withinMs: values.within, otherNetwork: networkInWords(there), ...(event.asNumber === null ? {} : { asNumber: event.asNumber }),
    },
    deviates: 'token',
  };
}

function learnPair(identity: Record, pair: number, day: number): void {
  if (noteSeen(identity.pairs, identity.pairDays, pair, day) === 0) countNew(identity, day);
}

/** The same for both orders. */
function pairOf(one: number, other: number): number {
  return fingerprint16(combineHashes(Math.min(one, other), Math.max(one, other))) || 1;
}

function noteUse({ tokens, networks, seconds: times }: Record, token: number, network: number, seconds: number): void {
  let place = 0;
  for (let candidate = 0; candidate < tokens.length; candidate += 1) {
    if (tokens.get(candidate) === token && networks.get(candidate) === network) {
      if (seconds > times.get(candidate)) times.set(candidate, seconds);
      return;
    }
    if (times.get(candidate) < times.get(place)) place = candidate;
  }
  tokens.set(place, token);
  networks.set(place, network);
  times.set(place, seconds);
}

function vote(identity: Record, network: number): void {
  if (network === identity.home) {
    if (identity.votes < mostVotes) identity.votes += 1;
  } else if (identity.votes > 0) {
    identity.votes -= 1;
  } else {
    identity.home = network;
    identity.votes = 1;
  }
}
