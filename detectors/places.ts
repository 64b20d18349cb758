import type { NetworkClass, TokenEvent } from '../src/model/event.ts';
import { hashText, mix } from '../src/stats/hash.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { countSeen, daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { mainSystem } from './clouds.ts';
import { dayOf } from './use.ts';

/** Where one key was seen, at four levels, and how often it showed something new. */
export interface Places {
  readonly blocks: Numbers;
  readonly blockDays: Numbers;
  /** By the operator's name, else the autonomous system; none for unnamed private blocks. */
  readonly networks: Numbers;
  readonly networkDays: Numbers;
  readonly countries: Numbers;
  readonly countryDays: Numbers;
  /** A bit for each class of network. */
  classes: number;
  firstDay: number;
  lastDay: number;
  activeDays: number;
  newBlockDays: number;
  lastNewBlockDay: number;
  newNetworkDays: number;
  lastNewNetworkDay: number;
  uses: number;
  newBlocks: number;
}

/** One event's place as 16-bit fingerprints. */
export interface Place {
  day: number;
  block: number;
  /** `unknown` where the event does not say. */
  network: number;
  country: number;
  /** The bit of its class in `Places.classes`; 0 where that is not known. */
  classBit: number;
}

export const unknown = -1;
const classBits: Readonly<Record<NetworkClass, number>> = { private: 1, hosting: 2, vpn: 4, tor: 8, isp: 16, provider: 32, unknown: 0 };
/** Days after which the counts of days are halved, so that habits of long ago fade. */
const memoryDays = 720;
const mostUses = 4_294_967_295;
const mostNewBlocks = 65_535;

/** One object for all events: filled anew by each `placeIn`, and kept by nobody. */
const here: Place = { day: 0, block: 0, network: unknown, country: unknown, classBit: 0 };

/** The event's place. Valid until the next call. */
export function placeIn(event: TokenEvent): Place {
  const { networkName, asNumber, country, networkClass } = event;
  here.day = Math.min(65_535, dayOf(event.orderMs));
  here.block = fingerprint16(hashText(event.networkBlock ?? event.sourceIp ?? ''));
  here.network = networkName !== null ? fingerprint16(hashText(networkName)) : asNumber !== null ? fingerprint16(mix(mainSystem(asNumber))) : unknown;
  here.country = country === null ? unknown : fingerprint16(hashText(country));
  here.classBit = networkClass === null ? 0 : classBits[networkClass];
  return here;
}

export function isKnownBlock(places: Places, place: Place): boolean {
  return daySeen(places.blocks, places.blockDays, place.block) !== 0;
}

export function isKnownNetwork(places: Places, place: Place): boolean {
  return place.network !== unknown && daySeen(places.networks, places.networkDays, place.network) !== 0;
}

/** Some country is known, but not this one. */
export function isNewCountry(places: Places, place: Place): boolean {
  return place.country !== unknown && countSeen(places.countryDays) > 0 && daySeen(places.countries, places.countryDays, place.country) === 0;
}

/** Some class is known, but not this one. */
export function isNewClass(places: Places, place: Place): boolean {
  return place.classBit !== 0 && places.classes !== 0 && (places.classes & place.classBit) === 0;
}

/** Learns a place. The first ever is no news. */
export function learnPlace(places: Places, place: Place): void {
  const { day } = place;
  const isFirst = places.uses === 0;
  if (isFirst) places.firstDay = day;
  if (places.uses < mostUses) places.uses += 1;
  if (day > places.lastDay) openDay(places, day);
  const isNewBlock = noteSeen(places.blocks, places.blockDays, place.block, day) === 0;
  if (isNewBlock && !isFirst) countNewBlock(places, day);
  if (place.network !== unknown && noteSeen(places.networks, places.networkDays, place.network, day) === 0 && !isFirst) countNewNetwork(places, day);
  if (place.country !== unknown) noteSeen(places.countries, places.countryDays, place.country, day);
  if ((places.classes & place.classBit) !== place.classBit) places.classes |= place.classBit;
}

/** An accepted place becomes familiar beside all that was learned meanwhile. */
export function acceptPlaces(places: Places, accepted: Places): void {
  mergeSeen(places.blocks, places.blockDays, accepted.blocks, accepted.blockDays);
  mergeSeen(places.networks, places.networkDays, accepted.networks, accepted.networkDays);
  mergeSeen(places.countries, places.countryDays, accepted.countries, accepted.countryDays);
  places.classes |= accepted.classes;
  places.firstDay = places.firstDay === 0 ? accepted.firstDay : Math.min(places.firstDay, accepted.firstDay || places.firstDay);
  for (const name of ['lastDay', 'activeDays', 'newBlockDays', 'lastNewBlockDay', 'newNetworkDays', 'lastNewNetworkDay', 'uses', 'newBlocks'] as const) {
    places[name] = Math.max(places[name], accepted[name]);
  }
}

function openDay(places: Places, day: number): void {
  places.lastDay = day;
  places.activeDays += 1;
  if (places.activeDays < memoryDays) return;
  places.activeDays >>= 1;
  places.newBlockDays >>= 1;
  places.newNetworkDays >>= 1;
}

function countNewBlock(places: Places, day: number): void {
  if (places.newBlocks < mostNewBlocks) places.newBlocks += 1;
  if (places.lastNewBlockDay === day) return;
  places.lastNewBlockDay = day;
  places.newBlockDays += 1;
}

function countNewNetwork(places: Places, day: number): void {
  if (places.lastNewNetworkDay === day) return;
  places.lastNewNetworkDay = day;
  places.newNetworkDays += 1;
}
