import type { NetworkClass, TokenEvent } from '../src/model/event.ts';
import { hashText, mix } from '../src/stats/hash.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
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
  readonly day: number;
  readonly block: number;
  readonly network: number | null;
  readonly country: number | null;
  readonly networkClass: NetworkClass | null;
}

const classes: readonly NetworkClass[] = ['private', 'hosting', 'vpn', 'tor', 'isp', 'provider', 'unknown'];
/** Days after which the counts of days are halved, so that habits of long ago fade. */
const memoryDays = 720;
const mostUses = 4_294_967_295;

export function placeIn(event: TokenEvent): Place {
  const network = event.networkName !== null ? hashText(event.networkName)
    : event.asNumber !== null ? mix(event.asNumber) : null;
  return {
    day: Math.min(65_535, dayOf(event.orderMs)),
    block: fingerprint16(hashText(event.networkBlock ?? event.sourceIp ?? '')),
    network: network === null ? null : fingerprint16(network),
    country: event.country === null ? null : fingerprint16(hashText(event.country)),
    networkClass: event.networkClass === 'unknown' ? null : event.networkClass,
  };
}

export function isKnownClass(places: Places, networkClass: NetworkClass): boolean {
  return (places.classes & (1 << classes.indexOf(networkClass))) !== 0;
}

/** Learns a place. The first ever is no news. */
export function learnPlace(places: Places, place: Place): void {
  const { day } = place;
  const isFirst = places.uses === 0;
  if (isFirst) places.firstDay = day;
  if (places.uses < mostUses) places.uses += 1;
  if (day > places.lastDay) openDay(places, day);
  if (daySeen(places.blocks, places.blockDays, place.block) !== day) noteBlock(places, place, isFirst);
  if (place.network !== null && daySeen(places.networks, places.networkDays, place.network) !== day) noteNetwork(places, place.network, day, isFirst);
  if (place.country !== null && daySeen(places.countries, places.countryDays, place.country) !== day) noteSeen(places.countries, places.countryDays, place.country, day);
  if (place.networkClass !== null && !isKnownClass(places, place.networkClass)) places.classes |= 1 << classes.indexOf(place.networkClass);
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

function noteBlock(places: Places, place: Place, isFirst: boolean): void {
  const isNew = daySeen(places.blocks, places.blockDays, place.block) === null;
  noteSeen(places.blocks, places.blockDays, place.block, place.day);
  if (!isNew || isFirst) return;
  if (places.newBlocks < mostUses) places.newBlocks += 1;
  if (places.lastNewBlockDay === place.day) return;
  places.lastNewBlockDay = place.day;
  places.newBlockDays += 1;
}

function noteNetwork(places: Places, network: number, day: number, isFirst: boolean): void {
  const isNew = daySeen(places.networks, places.networkDays, network) === null;
  noteSeen(places.networks, places.networkDays, network, day);
  if (!isNew || isFirst || places.lastNewNetworkDay === day) return;
  places.lastNewNetworkDay = day;
  places.newNetworkDays += 1;
}
