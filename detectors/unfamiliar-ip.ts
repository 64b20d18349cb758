import { defineDetector } from '../src/model/detector.ts';
import type { NetworkClass, TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { hides } from './network.ts';
import {
  acceptPlaces, isKnownBlock, isKnownNetwork, isNewClass, isNewCountry, learnPlace, placeIn, unknown, type Place, type Places,
} from './places.ts';
import { secondsOf } from './use.ts';
import { findingOf, type Judgement } from './unfamiliar-finding.ts';
import { countHour, nearBits, nearSign } from './unfamiliar-near.ts';
import { parameters, state, type IdentityPlaces, type UnfamiliarParameters, type UnfamiliarRecords } from './unfamiliar-records.ts';

/** Days and uses that make a history. */
const graceDays = 3;
const graceUses = 50;
/** A new block within a known network is what deployments, NAT pools and a second address family look like. */
const sameNetworkShare = 0.25;
const newCountryBits = 2;
const newClassBits = 3;
const vpnBits = 6;
const torBits = 8;
/** The old place is still in use after the new one appeared: a move would have ended that. */
const parallelBits = 3;
const daySeconds = 86_400;
/** How long a new place stays on probation. */
const probationSeconds = daySeconds;
const knownToAccountBits = 3;
/** A newcomer has reasons of his own for a place of his own: beside peers it must be this much stranger. */
const newcomerBits = 4;
/** From this share of uses at new blocks, with at least so many, new blocks are a habit. */
const habitShare = 0.25;
const habitBlocks = 4;

export default defineDetector({
  id: 'unfamiliar-ip',
  title: 'A token is used from a place where its identity, and while that is young its workload and account, were never seen.',
  alertTitle: 'Token used from an unfamiliar network',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI2', 'NHI7'],
  restsOn: 'origin',
  cases: [
    'C17 a stolen key used from an unseen address', 'C18 a secret used from an unseen network', 'C19 a secret used from an unseen country',
    'C20 a workload of the cloud that calls from a home', 'C21 two places in use at the same time',
    'C22 a machine that turns up in the network of a VPN provider', 'C23 a machine that turns up at Tor',
    'C25 a rented server instead of a home or office, or the other way round', 'C29 a token of the internal network used from the internet',
  ],
  grace: 'Three active days, or a day with fifty uses; before that by the places of its workload, then of its account, if they have that much.',
  blindSpots: [
    'A thief in the same network: behind the same gateway; or in another subnet of the same provider with a lasting key, at hours at which the identity '
      + 'works as well, as long as he calls no more often than it ever did about that time of day.',
    'A job that is moved to another subnet and first run by hand at another hour than ever looks like a theft.',
    'A move to another provider looks like a theft when it is not seen in the workload or account before.',
    'An identity that shows new networks every few days.',
  ],
  acceptance: 'A new place below the alert is familiar at once, but watched for a day. One that alerted is accepted after 14 days in which nothing '
    + 'new joined it, and then stands beside what was learned meanwhile.',

  needs: needs.successfulUse,
  wants: (event) => event.networkBlock !== null || event.sourceIp !== null,

  observe(event: TokenEvent, records: UnfamiliarRecords, values: UnfamiliarParameters): Finding | null {
    const { identity, workload, account } = records;
    const place = placeIn(event);
    const seconds = secondsOf(event.orderMs);
    const known = identity !== null && isKnownBlock(identity, place);
    const judgement = identity === null ? null : judge(event, place, known, seconds, identity, records, values);
    const found = judgement !== null && (values.learn !== null || judgement.bits >= values.thresholdBits);
    const finding = found && identity !== null ? findingOf(event, judgement, identity, values) : null;
    if (identity !== null) learnOwn(identity, place, known, seconds, judgement);
    if (records.token !== null && records.token.home === 0) records.token.home = place.block || 1;
    if (workload !== null) learnPlace(workload, place);
    if (account !== null) learnPlace(account, place);
    return finding;
  },

  accept: {
    token(record, shadow): void {
      if (record.home === 0) record.home = shadow.home;
    },
    identity(record, shadow): void {
      acceptPlaces(record, shadow);
      if (record.firstSeconds === 0) record.firstSeconds = shadow.firstSeconds;
    },
    workload: acceptPlaces,
    account: acceptPlaces,
  },
});

/** How strange the place is; `null` when it is familiar or nothing can be said. */
function judge(
  event: TokenEvent, place: Place, known: boolean, seconds: number, identity: IdentityPlaces, records: UnfamiliarRecords, values: UnfamiliarParameters,
): Judgement | null {
  if (identity.uses === 0 && values.learn !== null) return null;
  if (known) return onProbation(event, place, seconds, identity, records.token);
  if (values.learn !== null) return judgeStrictly(event, place, seconds, identity, records.token, values.learn);
  if (isGrown(identity)) return judgeAgainst(event, place, identity, 'identity', records);
  if (records.workload !== null && isGrown(records.workload)) return judgeAgainst(event, place, records.workload, 'workload', records);
  if (records.account !== null && isGrown(records.account)) return judgeAgainst(event, place, records.account, 'account', records);
  return null;
}

function judgeStrictly(
  event: TokenEvent, place: Place, seconds: number, identity: IdentityPlaces, token: UnfamiliarRecords['token'], learnMs: number,
): Judgement | null {
  if (token !== null && token.home === 0 && seconds - identity.firstSeconds < daySeconds) return null;
  if ((seconds - identity.firstSeconds) * 1000 < learnMs) return null;
  if (identity.newBlocks >= habitBlocks && identity.newBlocks >= habitShare * identity.uses) return null;
  const sameNetwork = isKnownNetwork(identity, place);
  if (sameNetwork && event.networkName !== null) return null;
  return { bits: bitsOf(event.networkClass, place, identity, sameNetwork), sameNetwork, by: 'identity', against: identity, parallel: false, near: null };
}

function judgeAgainst(event: TokenEvent, place: Place, against: Places, by: Judgement['by'], records: UnfamiliarRecords): Judgement | null {
  const { workload, account } = records;
  if (workload !== null && isKnownBlock(workload, place)) return null;
  if (by !== 'identity' && isKnownBlock(against, place)) return null;
  const sameNetwork = isKnownNetwork(against, place);
  let bits = bitsOf(event.networkClass, place, against, sameNetwork);
  if (workload !== null && isKnownNetwork(workload, place)) bits *= sameNetworkShare;
  if (by !== 'identity') bits -= newcomerBits;
  else if (!sameNetwork && account !== null && isKnownNetwork(account, place) && !hides(event)) bits -= knownToAccountBits;
  return { bits, sameNetwork, by, against, parallel: false, near: null };
}

/** The rarest level that is new, plus what its country and kind of network add. */
function bitsOf(networkClass: NetworkClass | null, place: Place, against: Places, sameNetwork: boolean): number {
  if (sameNetwork) return sameNetworkShare * noveltyBits(against.newBlockDays, against.activeDays);
  let bits = place.network === unknown
    ? noveltyBits(against.newBlockDays, against.activeDays)
    : noveltyBits(against.newNetworkDays, against.activeDays);
  if (isNewCountry(against, place)) bits += newCountryBits;
  if (isNewClass(against, place)) bits += networkClass === 'tor' ? torBits : networkClass === 'vpn' ? vpnBits : newClassBits;
  return bits;
}

/** A place seen first within a day is judged again once the old place was used after it, or by the hour of the day. */
function onProbation(
  event: TokenEvent, place: Place, seconds: number, identity: IdentityPlaces, token: UnfamiliarRecords['token'],
): Judgement | null {
  if (identity.candidateSeconds === 0 || identity.candidate !== place.block || seconds - identity.candidateSeconds > probationSeconds) return null;
  const parallel = identity.returnedAfter !== 0;
  if (!parallel && identity.isNear === 0) return null;
  const near = identity.isNear === 0 ? null : nearSign(event, place, seconds, identity, token);
  if (identity.isNear !== 0 && near === null) return null;
  const beside = parallel ? parallelBits : near?.bits ?? 0;
  return { bits: identity.candidateBits + beside, sameNetwork: near !== null, by: 'identity', against: identity, parallel, near };
}

function learnOwn(identity: IdentityPlaces, place: Place, known: boolean, seconds: number, judgement: Judgement | null): void {
  if (identity.firstSeconds === 0) identity.firstSeconds = seconds;
  if (!known && judgement !== null && judgement.by === 'identity') watch(identity, place, seconds, judgement);
  else if (identity.candidateSeconds > 0 && identity.candidate !== place.block && known && seconds > identity.candidateSeconds) {
    identity.returnedAfter = Math.min(65_535, seconds - identity.candidateSeconds);
  }
  countHour(identity, place, seconds, probationSeconds);
  learnPlace(identity, place);
}

/** Puts a new place on probation. One of a known network does not take the room of one that is stranger. */
function watch(identity: IdentityPlaces, place: Place, seconds: number, { sameNetwork, bits }: Judgement): void {
  const isBusy = identity.candidateSeconds > 0 && identity.isNear === 0 && seconds - identity.candidateSeconds <= probationSeconds;
  if (sameNetwork && isBusy) return;
  identity.candidate = place.block;
  identity.candidateSeconds = seconds;
  identity.candidateBits = Math.max(0, Math.min(255, Math.round(sameNetwork ? nearBits(identity) : bits)));
  identity.isNear = sameNetwork ? 1 : 0;
  identity.returnedAfter = 0;
  identity.candidateUses = 0;
}

function isGrown(against: Places): boolean {
  return against.activeDays >= graceDays || (against.activeDays >= 2 && against.uses >= graceUses);
}
