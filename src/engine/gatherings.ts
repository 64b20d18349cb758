import type { Alert } from '../model/alert.ts';
import type { Evidence } from '../model/detector.ts';
import type { NetworkClass, TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { IncidentKind } from '../model/incident.ts';
import type { Entities } from '../state/port.ts';
import { addOnce } from './add-once.ts';

const dayMs = 24 * 3_600_000;
/** What gathered once goes on for as long as an incident. */
const gatheredMs = 7 * dayMs;
/** A deployment takes its time: so long both places may be in use. */
const overlapMs = 3_600_000;
const maxGathered = 1_000;
/** Of one identity. */
const maxMoves = 8;
/** Places of one alert that are looked at. */
const maxNoted = 32;
/** Weak signs gather nobody. */
const medium = 47;

/** So many make a campaign, or a move. Where people go to hide, two are no chance; servers are moved to rented ones in twos as well. */
const enoughHidden = 2;
const enough = 3;
const enoughOfVendor = 2;

/** Somebody who deviated, by the incident that his alert was in. */
interface Gathered {
  readonly identity: string;
  readonly incidentId: string;
  readonly timeMs: number;
  /** Somebody else, who is not here himself, issued the token to him. */
  readonly issuedBy: string | null;
  /** When he was seen in another place again; `null`: not yet. */
  returnedMs: number | null;
}

/** Who deviated alike: to one place, or of one vendor. */
export interface Gathering {
  readonly name: string;
  readonly vendor: boolean;
  readonly networkClass: NetworkClass | null;
  /** The operator named the place. */
  readonly declared: boolean;
  members: Gathered[];
  lastMs: number;
  /** Enough were here within a day. */
  formed: boolean;
}

/** What is known beyond alerts. */
export interface Surroundings {
  /** Third party that holds the event's credential; `null`: none that is known. */
  vendorOf(event: TokenEvent): string | null;
  /** Whose token the event's token was issued from, where that is another identity's; `null` otherwise. */
  issuerOf(event: TokenEvent): string | null;
}

/** An alert's newest deviating event. */
export interface Sighting { readonly event: TokenEvent; readonly deviates: Finding['deviates'] }

/**
 * Who deviates at the same time: at one new place, or with credentials of one vendor. Nothing is withheld for it; it only says which
 * incidents are one.
 */
export class Gatherings {
  readonly #gatherings: Entities<Gathering>;
  /** Identity -> gatherings at whose place it is awaited not to come back from. */
  readonly #moves: Entities<string[]>;
  readonly #surroundings: Surroundings;

  constructor(gatherings: Entities<Gathering>, moves: Entities<string[]>, surroundings: Surroundings) {
    this.#gatherings = gatherings;
    this.#moves = moves;
    this.#surroundings = surroundings;
  }

  get(key: string): Gathering | undefined {
    return this.#gatherings.get(key);
  }

  /** Counts the alert in where it deviates as others may, each place once: `noted` remembers. Returns what it is new in. */
  note(alert: Alert, identity: string, { event, deviates }: Sighting, evidence: Evidence | null, noted: string[]): string[] {
    if (alert.severity < medium) return [];
    const joined: string[] = [];
    if (deviates === 'network' && event.networkBlock !== null) {
      const key = placeKey(event);
      if (addOnce(noted, key, maxNoted) && this.#join(key, () => place(event), alert, identity, event)) joined.push(key);
    }
    const vendor = addOnce(noted, 'vendor', maxNoted) ? this.#surroundings.vendorOf(event) : null;
    const key = `vendor ${vendor} ${evidence ?? ''}`;
    if (vendor !== null && this.#join(key, () => ofVendor(vendor), alert, identity, event)) joined.push(key);
    return joined;
  }

  /** What a gathering is; `isCalm`: its identities do nothing unusual but to be there. `null`: nothing beyond their alerts. */
  verdict({ vendor, declared, networkClass, members, formed }: Gathering, isCalm: boolean): IncidentKind | null {
    const isHidden = networkClass === 'vpn' || networkClass === 'tor';
    if (!formed && members.length < (vendor ? enoughOfVendor : isHidden ? enoughHidden : enough)) return null;
    if (vendor) return 'vendor-compromise';
    const isHere = (one: string): boolean => members.some(({ identity }) => identity === one);
    const isKnown = declared || members.every(({ issuedBy }) => issuedBy !== null && !isHere(issuedBy));
    if (isKnown && isCalm && members.every(({ returnedMs }) => returnedMs === null)) return 'estate-change';
    return isHidden || networkClass === 'hosting' ? 'campaign' : null;
  }

  /** From here on whoever comes within a week belongs to it. */
  form(key: string, gathering: Gathering): void {
    if (gathering.formed) return;
    gathering.formed = true;
    this.#gatherings.set(key, gathering);
  }

  /** Would it tell something that the identity is seen here? Asked for each event, so it costs nothing while nobody moved. */
  awaits({ identityId, authenticated, outcome, networkBlock }: TokenEvent): boolean {
    return this.#moves.size > 0 && identityId !== null && networkBlock !== null && authenticated !== false && outcome === 'success'
      && this.#moves.get(identityId) !== undefined;
  }

  /** The identity was seen where it is; `isOld`: was it there before that time? Returns the gatherings for which that is a return. */
  returned(event: TokenEvent, isOld: (sinceMs: number) => boolean): string[] {
    const identity = event.identityId as string;
    const kept: string[] = [];
    const back: string[] = [];
    for (const key of this.#moves.get(identity) ?? []) {
      const gathering = this.#gatherings.get(key);
      const member = gathering?.members.find((one) => one.identity === identity);
      if (gathering === undefined || member === undefined || event.orderMs - member.timeMs > gatheredMs) continue;
      if (key === placeKey(event) || event.orderMs - member.timeMs <= overlapMs || !isOld(member.timeMs)) {
        kept.push(key);
        continue;
      }
      member.returnedMs = event.orderMs;
      this.#gatherings.set(key, gathering);
      back.push(key);
    }
    if (kept.length === 0) this.#moves.delete(identity);
    else this.#moves.set(identity, kept);
    return back;
  }

  #join(key: string, make: () => Gathering, { incidentId }: Alert, identity: string, event: TokenEvent): boolean {
    const known = this.#gatherings.get(key);
    const { orderMs: timeMs } = event;
    const gathering = known === undefined || timeMs - known.lastMs > gatheredMs ? make() : known;
    // One lineage is one thief, whatever identities it goes through.
    if (gathering.members.some((one) => one.identity === identity || one.incidentId === incidentId)) return false;
    if (!gathering.formed) gathering.members = gathering.members.filter((one) => Math.abs(timeMs - one.timeMs) <= dayMs);
    if (gathering.members.length >= maxGathered) return false;
    const issuedBy = this.#surroundings.issuerOf(event);
    gathering.members.push({ identity, incidentId, timeMs, issuedBy, returnedMs: null });
    gathering.lastMs = Math.max(gathering.lastMs, timeMs);
    this.#gatherings.set(key, gathering);
    if (!gathering.vendor && (gathering.declared || issuedBy !== null)) this.#await(identity, key);
    return true;
  }

  #await(identity: string, key: string): void {
    const keys = this.#moves.get(identity) ?? [];
    if (!keys.includes(key)) this.#moves.set(identity, [...keys, key].slice(-maxMoves));
  }
}

/** All of Tor is one place, and so are all exits of one seller of VPN access; a rented server is its own. */
function placeKey({ networkClass, networkBlock, asNumber }: TokenEvent): string {
  if (networkClass === 'tor') return 'place tor';
  return networkClass === 'vpn' && asNumber !== null ? `place AS${asNumber}` : `place ${networkBlock}`;
}

function place({ networkClass, networkBlock, networkName, asNumber, asOrganization }: TokenEvent): Gathering {
  const shown = networkName ?? (networkClass === 'tor' ? 'Tor' : networkClass === 'vpn' && asNumber !== null ? `AS${asNumber}` : networkBlock);
  const name = `${shown}${networkName === null && asOrganization !== null ? ` (${asOrganization})` : ''}`;
  return { name, vendor: false, networkClass, declared: networkName !== null, members: [], lastMs: 0, formed: false };
}

function ofVendor(name: string): Gathering {
  return { name, vendor: true, networkClass: null, declared: false, members: [], lastMs: 0, formed: false };
}
