import { defineDetector } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import type { NumberArray } from '../src/model/state.ts';
import { clearDistinct, distinctCount } from '../src/stats/distinct.ts';
import { acceptPeaks, activeDaysOf, advanceDay, raiseHigh, type Narrowest, type PeakBook } from '../src/stats/peak-book.ts';
import { learnRate } from '../src/stats/rate.ts';
import { measures, narrowest, narrowestShared, volumeOf, weightOf, windowMs } from './egress-measures.ts';
import { closeDate, openDate } from './egress-calendar.ts';
import { busiestOf, closeWeekday, lookAhead, openWeekday, usualOf } from './egress-expected.ts';
import { closeRhythmDay, noteTime } from './egress-rhythm.ts';
import { driftAfter, leaveRoomForAnotherRun, lowerForDrift } from './egress-drift.ts';
import { judgeNewClient, judgeOwn, judgeResource, judgeSizes, judgeSource } from './egress-judgement.ts';
import { parameters, state, type EgressParameters, type EgressRecords, type IdentityVolume } from './egress-records.ts';
import { endRun } from './egress-sizes.ts';
import {
  add, addToHour, clear, contribute, countObject, countSize, dayOf, hashOf, raiseHighs, raiseOwnHighs, shortHashOf, windowStartOf, type Contributors, type Sums,
} from './egress-sums.ts';

export default defineDetector({
  id: 'egress-spike',
  title: 'More bytes, requests or distinct objects leave under an identity, from a resource or towards one client than its history lets believe.',
  alertTitle: 'Unusual volume of data taken with a token',
  state,
  parameters,
  attack: [{ tactic: 'TA0010', technique: 'T1567' }, { tactic: 'TA0009', technique: 'T1530' }],
  owaspNhi: ['NHI2', 'NHI7'],
  restsOn: 'volume',
  cases: [
    'C01 bulk download with a stolen token, in one response or in thousands', 'C01 much at an hour or on a weekday when the identity does not work',
    'C01 a theft spread thin over a day, or over many short-lived tokens',
    'C01 as much on a Sunday as is usual on a Monday, or before work begins',
    'C02 a new identity that takes far more than its workload or account ever did',
    'C03 bulk reads of a store', 'C04 scraping of many objects', 'C05 cloning of many repositories', 'C06 reading of very many secrets',
    'C09 a surge of calls to a model, or of the tokens that it reads and writes', 'C10 a surge of calls to a function',
    'C11 bulk reads of mailboxes and drives', 'C13 bulk download through a leaked link', 'C15 every page of a list read',
    'C16 a widened query: larger responses to the same calls',
  ],
  grace: 'An identity or resource is judged by its own history from its third active day; the less history, the more excess it takes. '
    + 'Before that by the largest identity of its workload, then of its account, then by a fixed amount.',
  blindSpots: [
    'A theft that stays below about half as much again as the largest day, and twice the largest hour and ten minutes, at hours when the identity works.',
    'A few large calls of a ragged identity: its own largest days leave room for several times its mean.',
    'Volume at an unusual hour that is well within what other hours reach.',
    'A theft on, or a day beside, a date of the month that is always large; on other days until such a date came back for the third month.',
    'Logs that carry neither bytes nor single requests.',
  ],
  acceptance: 'A new level below the alert is learned, by at most half of the known in 28 days. One that alerted and grew no further for 14 days '
    + 'is accepted: its peaks count at once, for the identity, the resource, the client, the workload and the account.',

  needs: needs.use,
  wants: (event) => event.token !== null || event.identityId !== null || event.bytesOut !== null,

  observe(event: TokenEvent, records: EgressRecords, values: EgressParameters): Finding | null {
    const bytes = volumeOf(event);
    // What was refused, or was not there, took nothing: a broken program asks for that all day.
    const requests = event.partial || event.outcome === 'failure' ? 0 : 1;
    const window = Math.floor(event.orderMs / windowMs);
    const { identity, resource } = records;
    const source = records['source+client'];
    const token = shortHashOf(event.token ?? event.identityId);
    const caller = hashOf(event.identityId ?? event.token);
    const weight = weightOf(bytes, requests);
    if (identity !== null) {
      if (window > identity.window) openIdentityWindow(event, identity, records, window, values);
      add(identity.sums, bytes, requests);
      addToHour(identity, bytes, requests, event.orderMs);
      if (requests > 0) countObject(event, identity, values);
      if (requests > 0 && bytes > 0) countSize(identity, bytes);
      contribute(identity, token, weight);
    }
    if (resource !== null) {
      if (window > resource.window) openSharedWindow(resource, resource, window, values);
      add(resource.sums, bytes, requests);
      contribute(resource, caller, weight);
    }
    if (source !== null) {
      if (window > source.window) openSharedWindow(source, null, window, values);
      add(source.sums, bytes, requests);
      if (identity !== null && source.firstDay === source.day) noteNewClient(identity, source.day);
    }
    if (caller === 0) return null;
    return judgeOwn(event, records, values, token, bytes)
      ?? judgeSizes(event, records, values, token)
      ?? judgeNewClient(event, records, values, token)
      ?? judgeResource(event, records, values, caller, token, bytes)
      ?? judgeSource(event, records, values, token, bytes);
  },

  accept: {
    identity(record, shadow): void {
      raiseHigh(shadow.highs, measures.dayObjects, distinctCount(shadow));
      raiseOwnHighs(shadow);
      acceptPeaks(record, shadow);
      record.newClientDays = Math.max(record.newClientDays, shadow.newClientDays);
      record.lastNewClientDay = Math.max(record.lastNewClientDay, shadow.lastNewClientDay);
    },
    resource: acceptVolume,
    'source+client': acceptVolume,
    workload: acceptPeaks,
    account: acceptPeaks,
  },
});

function acceptVolume(record: PeakBook, shadow: PeakBook & Sums): void {
  raiseHighs(shadow.highs, shadow.sums);
  acceptPeaks(record, shadow);
}

function openIdentityWindow(event: TokenEvent, identity: IdentityVolume, records: EgressRecords, window: number, values: EgressParameters): void {
  const day = dayOf(window);
  if (records.workload !== null) tellPeers(records.workload, identity.sums, day, values);
  if (records.account !== null) tellPeers(records.account, identity.sums, day, values);
  const windowBytes = identity.sums.get(measures.windowBytes);
  if (windowBytes > 0) learnRate(identity, windowStartOf(identity), Math.log1p(windowBytes));
  const knownDays = day - identity.firstDay;
  const startSecond = Math.floor(event.orderMs % windowMs / 1000);
  const isNewDay = day > identity.day;
  raiseOwnHighs(identity);
  if (isNewDay && identity.day > 0) closeIdentityDay(identity, day);
  openWindow(identity, identity, window, values, narrowest);
  identity.windowStartSecond = startSecond;
  lookAhead(identity, event.orderMs, knownDays);
  noteTime(identity, event.orderMs, day, activeDaysOf(identity), knownDays);
  if (!isNewDay) return;
  openWeekday(identity, day, knownDays);
  leaveRoomForAnotherRun(identity);
  lowerForDrift(identity);
  openDate(identity, day);
}

/** The open day is over. One that was large at its date is no measure of others. */
function closeIdentityDay(identity: IdentityVolume, nextDay: number): void {
  const { day } = identity;
  const knownDays = day - identity.firstDay;
  const bytes = identity.sums.get(measures.dayBytes);
  raiseHigh(identity.highs, measures.dayObjects, distinctCount(identity));
  clearDistinct(identity);
  identity.dayObjects = 0;
  identity.largest = 0;
  endRun(identity);
  closeRhythmDay(identity, day, nextDay, activeDaysOf(identity), knownDays);
  if (closeDate(identity, day, bytes, usualOf(identity, day, knownDays), busiestOf(identity))) return;
  identity.drift = driftAfter(identity, bytes);
  closeWeekday(identity, day, nextDay, bytes, knownDays);
}

function openSharedWindow(record: PeakBook & Sums, contributors: Contributors | null, window: number, values: EgressParameters): void {
  raiseHighs(record.highs, record.sums);
  openWindow(record, contributors, window, values, narrowestShared);
}

/** Closes the window that was open, and the day if that is over: what they summed up to, and highs already tell, becomes history only now. */
function openWindow(record: PeakBook & Sums, contributors: Contributors | null, window: number, values: EgressParameters, least: Narrowest): void {
  const { sums: open } = record;
  const day = dayOf(window);
  if (day > record.day) {
    advanceDay(record, day, values, least);
    open.fill(0);
    contributors?.dayWeights.fill(0);
  }
  record.window = window;
  open.set(measures.windowBytes, 0);
  open.set(measures.windowRequests, 0);
  if (contributors !== null) clear(contributors.windowWeights);
}

function noteNewClient(identity: IdentityVolume, day: number): void {
  if (identity.lastNewClientDay === day || identity.firstDay === day) return;
  identity.lastNewClientDay = day;
  identity.newClientDays = Math.min(65_535, identity.newClientDays + 1);
}

/** A workload's or account's book holds the peaks of its largest identity: what a young one may be measured against. */
function tellPeers(peers: PeakBook, open: NumberArray, day: number, values: EgressParameters): void {
  if (day > peers.day) advanceDay(peers, day, values, narrowestShared);
  raiseHighs(peers.highs, open);
}
