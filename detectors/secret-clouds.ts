import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { hashText } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { fingerprint16, noteSeen } from '../src/stats/recent-set.ts';
import type { SecretNetwork, SecretReader } from './secret-records.ts';
import { confidenceOf, dayMs, secondsOf } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';

/** Days of reading after which a reader's places are known. */
const settledDays = 7;

/**
 * Readers of secrets in two clouds who come from one network that is new to both: one hand behind two credentials. Counts only where one
 * of them at least read from elsewhere before, and rarely from anywhere new.
 */
export function meetCloud(event: TokenEvent, actor: SecretReader, network: SecretNetwork | null, day: number): Finding | null {
  const { networkBlock, networkClass, identityId } = event;
  const cloud = event.cloudProvider ?? event.module;
  if (network === null || networkBlock === null || networkClass === 'private' || cloud === null || identityId === null) return null;
  if (noteSeen(actor.networks, actor.networkDays, fingerprint16(hashText(networkBlock)), day) !== 0) return null;
  const isSettled = actor.activeDays > settledDays;
  const bits = noveltyBits(actor.newNetworks, actor.activeDays);
  // The first place is no news.
  if (actor.activeDays > 1) actor.newNetworks = Math.min(65_535, actor.newNetworks + 1);
  const other = otherReader(network, fingerprint16(hashText(cloud)) || 1, hashText(identityId) || 1, secondsOf(event.orderMs), isSettled);
  if (other === null || !isSettled && !other.isSettled) return null;
  return {
    severity: 47,
    surpriseBits: Math.round((bits + 3) * 10) / 10,
    confidence: confidenceOf(event, actor.activeDays / (actor.activeDays + 7)),
    reason: `${nameOf(event)} read secrets of ${cloud} from ${placeOf(event)}, where it never had on ${plural(actor.activeDays, 'day')}, `
      + 'within a day of another caller who read those of another cloud from there for the first time: one hand seems to hold both credentials.',
    baseline: { activeDays: actor.activeDays, newNetworks: Math.max(0, actor.newNetworks - 1) },
    observed: { cloud, network: networkBlock },
    deviates: 'network',
  };
}

/** Notes a reader to whom the network is new; answers the last one of another cloud within a day. */
function otherReader(network: SecretNetwork, cloud: number, reader: number, seconds: number, isSettled: boolean): { isSettled: boolean } | null {
  const own = network.clouds.get(0) === cloud || network.clouds.get(0) === 0 ? 0 : 1;
  const beside = 1 - own;
  const isFresh = network.clouds.get(beside) !== 0 && network.clouds.get(beside) !== cloud && network.readers.get(beside) !== reader
    && Math.abs(seconds - network.seconds.get(beside)) <= dayMs / 1000;
  const found = isFresh ? { isSettled: network.settled.get(beside) === 1 } : null;
  network.clouds.set(own, cloud);
  network.readers.set(own, reader);
  network.seconds.set(own, seconds);
  network.settled.set(own, isSettled ? 1 : 0);
  return found;
}
