import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { onesIn } from '../src/stats/bloom.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { actionClasses, classInWords, type ActionClass } from './action-classes.ts';
import type { AccountActions, ActionValues } from './unfamiliar-action-records.ts';
import { confidenceOf } from './use.ts';
import { callOf, nameOf, placeOf, plural } from './words.ts';

/** Something new, and what came with it in the hour. */
export interface News {
  readonly what: ActionClass | null;
  /** Of what the operation does, with `tellingBit`. */
  readonly bit: number;
  /** The identity never did anything of that kind. */
  readonly isNewClass: boolean;
  readonly hourNew: number;
  /** What the operations of the hour that are new to it do. */
  readonly hourClasses: number;
  /** Identities of the account that use it: at most, and by all likelihood. */
  readonly peers: number;
  readonly likelyPeers: number;
  /** Days of history, and those on which something new came. */
  readonly days: number;
  readonly newDays: number;
}

/** Beside the classes: a path by whose name ordinary callers have no business there. */
export const tellingBit = 2_048;

/** More history makes nothing more surprising: a release may come after a year. */
const mostNovelty = 10;
/** How much more often a thief begins to do this than the owner, in bits. */
const weights: Readonly<Record<ActionClass, number>> = {
  asks: 1.5, discovers: 1, reads: 0.5, secrets: 3, mints: 3.5, permits: 3.5, exposes: 3, runs: 2.5, destroys: 1.5, disarms: 3, writes: 0.5,
};
const tellingWeight = 5;
const newClassBits = 1.5;
const humanBits = 3;
const grave = actionClasses.secrets | actionClasses.mints | actionClasses.permits | actionClasses.exposes | actionClasses.runs | actionClasses.disarms;
const suspicious = grave | actionClasses.asks | actionClasses.discovers;
const comesInReleases = actionClasses.reads | actionClasses.writes | actionClasses.destroys;
const changesRights = actionClasses.mints | actionClasses.permits | actionClasses.exposes | actionClasses.disarms;
const foreignBits = 3;
/** Two new operations in an hour are one feature; with each doubling beyond it is less likely one. */
const burstBits = 2.5;
const mostBurst = 8;
/** Calls that only read or change something, and paths, come together in a release. */
const mostBurstOfRelease = 2.5;
const burstAlone = 2;
/** To look round, then to reach out: what an intruder does one after the other. */
const eachFurtherKindBits = 1.5;
const eachPeerDoublingBits = 1.5;
const mostPeerBits = 5;
const accountDays = 14;
const [mediumBits, mediumAlone, highBits] = [17, 14.9, 18.5];

/** Against what the identity did before. */
export function judgeByOwn(event: TokenEvent, news: News, { thresholdBits }: ActionValues): Finding | null {
  const bits = Math.min(mostNovelty, noveltyBits(news.newDays, news.days)) + weightOf(event, news);
  return bits < thresholdBits ? null : findingOf(event, news, bits, `on ${plural(news.days, 'day')} of history it never did`, news.days);
}

/** Somebody new, against what the others of his account did: only for what is grave, and nobody there ever used. */
export function judgeByAccount(event: TokenEvent, news: News, account: AccountActions | null, day: number, { thresholdBits }: ActionValues): Finding | null {
  if (account === null || account.activeDays < accountDays || news.peers > 0 || (news.bit & grave) === 0) return null;
  const bits = Math.min(mostNovelty, noveltyBits(account.newDays - (account.lastNewDay === day ? 1 : 0), account.activeDays)) + weightOf(event, news);
  const before = `it is new, and on ${plural(account.activeDays, 'day')} nobody else in its account did`;
  return bits < thresholdBits ? null : findingOf(event, news, bits, before, account.activeDays);
}

function weightOf(event: TokenEvent, news: News): number {
  let bits = news.what === null ? 0 : weights[news.what];
  if (news.isNewClass) bits += (news.bit & tellingBit) === 0 ? newClassBits : newClassBits + tellingWeight;
  if (event.identityKind === 'human') bits -= humanBits;
  if (isForeignGrant(event, news)) bits += foreignBits;
  if (news.hourNew > burstAlone) bits += Math.min(isOfRelease(event, news) ? mostBurstOfRelease : mostBurst, burstBits * Math.log2(news.hourNew / burstAlone));
  bits += eachFurtherKindBits * Math.max(0, onesIn(news.hourClasses & suspicious) - 1);
  return bits - Math.min(mostPeerBits, eachPeerDoublingBits * Math.log2(1 + news.likelyPeers));
}

function isOfRelease({ action }: TokenEvent, { what, bit }: News): boolean {
  return action === null || what === null || (bit & comesInReleases) !== 0;
}

/** Rights for a name of another domain than the caller's own. */
function isForeignGrant({ targetUserName, userEmail, identityName }: TokenEvent, { what }: News): boolean {
  if (what !== 'permits' || targetUserName === null) return false;
  const own = domainOf(userEmail ?? identityName ?? '');
  const given = domainOf(targetUserName);
  return own !== '' && given !== '' && own !== given;
}

function domainOf(name: string): string {
  const at = name.lastIndexOf('@');
  return at < 0 ? '' : name.slice(at + 1).toLowerCase();
}

function findingOf(event: TokenEvent, news: News, bits: number, before: string, days: number): Finding {
  const kinds = onesIn(news.hourClasses & grave);
  const call = callOf(event);
  const does = news.what === null ? '' : ` (${classInWords(news.what)})`;
  const others = news.hourNew > 1 ? `, the ${ordinal(news.hourNew)} operation within an hour that is new to it` : '';
  return {
    severity: severityOf(news, bits, kinds),
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.7 * days / (days + 7)),
    reason: `${nameOf(event)} used ${call}${does} from ${placeOf(event)}${others}; ${before}.`,
    baseline: { historyDays: days, daysWithNewOperations: news.newDays, peersThatUseIt: Math.round(news.likelyPeers) },
    observed: { operation: call, does: news.what ?? 'unknown', newInHour: news.hourNew, newGraveKinds: kinds },
    deviates: 'token',
  };
}

function severityOf(news: News, bits: number, kinds: number): Finding['severity'] {
  if (kinds > 1 && bits >= highBits) return 73;
  if (kinds > 0 && bits >= mediumBits || (news.bit & changesRights) !== 0 && news.isNewClass && bits >= mediumAlone) return 47;
  return 21;
}

function ordinal(count: number): string {
  const end = count % 10;
  return `${count}${count % 100 >= 11 && count % 100 <= 13 || end === 0 || end > 3 ? 'th' : end === 1 ? 'st' : end === 2 ? 'nd' : 'rd'}`;
}
