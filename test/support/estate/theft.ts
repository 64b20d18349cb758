import type { TokenEvent } from '../../../src/model/event.ts';
import { day, eventOf, hour, type Member, type Spot } from './estate.ts';
import { Random } from './random.ts';

export type Distance = 'known' | 'near' | 'far';
/** How a thief takes his loot: how much, in how many calls, over how long, from where. */
export interface Theft { readonly at: number; readonly bytes: number; readonly calls: number; readonly overMs: number; readonly from: Distance }

/** Where a thief sits: behind the workload's own network, in another corner of its provider, or at a VPN in another country. */
export function thiefSpot(member: Member, from: Distance, random: Random): Spot {
  if (from === 'known') return member.home;
  if (from === 'near') return { ...member.home, block: `${member.home.block}+${500 + random.whole(400)}` };
  return { block: `193.${random.whole(250)}.${random.whole(250)}.0/24`, as: 9_009, country: 'RO', kind: 'vpn' };
}

export function eventsOfTheft(member: Member, theft: Theft, seed: number, token = member.token): TokenEvent[] {
  const random = new Random(seed);
  const spot = thiefSpot(member, theft.from, random);
  return Array.from({ length: theft.calls }, (_, index) => {
    const event = eventOf(member, {
      at: theft.at + (index + 1) * theft.overMs / theft.calls, bytes: theft.bytes / theft.calls,
      spot, path: `/v1/items/${random.whole(4_000)}`, token, issuedAt: null,
    });
    if (theft.from === 'far') event.userAgent = 'python-requests/2.32';
    return event;
  });
}

/** Mean bytes of a member on the days it worked: the measure that effect sizes are counted in. */
export function meanDailyBytes(events: readonly TokenEvent[], member: Member): number {
  const days = new Set<number>();
  let sum = 0;
  for (const event of events) {
    if (event.identityId !== member.name) continue;
    sum += event.bytesOut ?? 0;
    days.add(Math.floor(event.orderMs / day));
  }
  return sum / Math.max(1, days.size);
}

export { day, hour };
