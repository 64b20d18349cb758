import type { NetworkClass, TokenEvent } from '../src/model/event.ts';
import { countSeen } from '../src/stats/recent-set.ts';
import type { Places } from './places.ts';
import type { Judgement } from './unfamiliar-ip.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

const kinds: Readonly<Partial<Record<NetworkClass, string>>> = { vpn: ', a commercial VPN', tor: ', a Tor exit', hosting: ', a hosting network' };

/** One sentence for an unfamiliar place: where the use came from, and where all those before did. */
export function unfamiliarPlace(event: TokenEvent, { against, by, parallel, sameNetwork }: Judgement): string {
  const kind = sameNetwork ? ', a new block of a known network' : kinds[event.networkClass ?? 'unknown'] ?? '';
  const days = plural(Math.max(0, against.lastDay - against.firstDay) + 1, 'day');
  const whose = by === 'identity' ? '' : ` of its ${by}`;
  const before = `${by === 'identity' ? '' : 'it is new, and '}in ${days} ${from(against, parallel, whose)}`;
  return `${nameOf(event)} was used from ${placeOf(event)}${kind}; ${before}${parallel ? ', still in use at the same time' : ''}.`;
}

function from(against: Places, parallel: boolean, whose: string): string {
  // The place at hand has been learned by then.
  const known = countSeen(against.blockDays) - (parallel ? 1 : 0);
  if (against.uses === 1) return `the only other use${whose} came from another block of addresses`;
  const uses = `${countInWords(against.uses)} uses${whose} came from`;
  if (known <= 1) return `${parallel ? 'nearly ' : ''}all ${uses} one other block of addresses`;
  return `${uses} ${known === against.blockDays.length ? 'at least ' : ''}${known} other blocks${parallel ? '' : newest(against)}`;
}

function newest({ lastNewBlockDay, firstDay, lastDay }: Places): string {
  if (lastNewBlockDay === 0 || lastNewBlockDay === firstDay) return ', all known since the first day';
  return `, the newest known for ${plural(Math.max(1, lastDay - lastNewBlockDay), 'day')}`;
}
