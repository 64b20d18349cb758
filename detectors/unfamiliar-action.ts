import { defineDetector, type Context, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { addBits, hasBits, mergeBits } from '../src/stats/bloom.ts';
import { combineHashes, hashText } from '../src/stats/hash.ts';
import { keepLarger } from '../src/stats/numbers.ts';
import { actionClasses, classOf, isTelling, isTellingRoute, keyOfAction, type ActionClass } from './action-classes.ts';
import { acceptHabit, countNew, evidenceDays, graceDays, openDay } from './habit.ts';
import { countUser, likelyUsersOf, usersOf } from './action-peers.ts';
import { judgeByAccount, judgeByOwn, tellingBit, type News } from './unfamiliar-action-judgement.ts';
import { parameters, state, type AccountActions, type ActionValues, type ActorActions } from './unfamiliar-action-records.ts';
import { isHourOver, secondsOf } from './use.ts';

const mostScopes = 16;

export default defineDetector({
  id: 'unfamiliar-action',
  title: 'An identity does what it never did: reads secrets, asks what it may, changes rights, or tries many operations at once.',
  alertTitle: 'Operations that the identity never used',
  state,
  parameters,
  attack: [{ tactic: 'TA0007', technique: 'T1526' }, { tactic: 'TA0007', technique: 'T1087.004' }, { tactic: 'TA0001', technique: 'T1078.004' }],
  owaspNhi: ['NHI5'],
  restsOn: 'workload',
  cases: [
    'C67 the first use of an operation or scope of a grave kind', 'C69 rights given to somebody outside, or by whom they never were',
    'C72 many kinds of reading within minutes, none of them used before', 'C73 a first question of who it is, and what follows it',
    'C74 an identity that asks what it may, and goes through it',
  ],
  grace: 'Four active days, or sixteen days since the identity was first seen; a single operation takes three months. Before that a grave one '
    + 'that nobody in the account ever used, where the account is known for 14 days.',
  blindSpots: [
    'Operations that the identity uses anyway, whatever they are used for.',
    'Identities that begin something new every few days: people who explore, pipelines that grow.',
    'Of more than a hundred operations some pass for known.',
    'At gateways only calls that change something, and paths whose names tell; plain reading is judged by volume.',
  ],
  acceptance: 'Below the alert an operation is known at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse | needs.identity,
  wants: isTelling,

  observe(event: TokenEvent, { actor, account }: RecordsOf<typeof state>, values: ActionValues, context: Context): Finding | null {
    if (actor === null) return null;
    const day = openDay(actor, event.orderMs);
    if (account !== null) openDay(account, event.orderMs);
    const key = newKey(event, actor);
    if (key === 0) return null;
    const news = newsOf(event, key, actor, account, day, context);
    const finding = news.days > graceDays ? judgeByOwn(event, news, values) : judgeByAccount(event, news, account, day, values);
    learn(news, key, actor, account, day);
    return finding;
  },

  accept: {
    actor(record, shadow): void {
      acceptHabit(record, shadow);
      mergeBits(record.known, shadow.known);
      record.classes |= shadow.classes;
    },
    account(record, shadow): void {
      acceptHabit(record, shadow);
      keepLarger(record.users, shadow.users);
    },
  },
});

/** Of the operation if it is new, else of a scope that is; 0: nothing is new. */
function newKey(event: TokenEvent, actor: ActorActions): number {
  const key = keyOfAction(event);
  if (!hasBits(actor.known, key)) return key;
  if (event.scopes === null || event.lifecycle !== 'issued') return 0;
  for (const scope of event.scopes.slice(0, mostScopes)) {
    const asked = combineHashes(key, hashText(scope)) || 1;
    if (!hasBits(actor.known, asked)) return asked;
  }
  return 0;
}

/** Counts the news into the hour that is running, and says what there is to judge. */
function newsOf(event: TokenEvent, key: number, actor: ActorActions, account: AccountActions | null, day: number, context: Context): News {
  const seconds = secondsOf(event.orderMs);
  if (isHourOver(actor.sinceSeconds, seconds)) {
    actor.sinceSeconds = seconds;
    actor.hourNew = 0;
    actor.hourClasses = 0;
  }
  const what = classOf(event);
  const bit = bitOf(event, what);
  const isNewClass = bit !== 0 && (actor.classes & bit) === 0;
  actor.hourNew = Math.min(65_535, actor.hourNew + 1);
  actor.hourClasses |= bit;
  return {
    what, bit, isNewClass, hourNew: actor.hourNew, hourClasses: actor.hourClasses, peers: account === null ? 0 : usersOf(account.users, key),
    likelyPeers: account === null ? 0 : likelyUsersOf(account.users, key),
    days: evidenceDays(actor.activeDays, context.identitySinceMs, event.orderMs), newDays: actor.newDays - (actor.lastNewDay === day ? 1 : 0),
  };
}

function bitOf(event: TokenEvent, what: ActionClass | null): number {
  const bit = what === null ? 0 : actionClasses[what];
  return event.action === null && isTellingRoute(event.resourceId ?? event.urlPath ?? '') ? bit | tellingBit : bit;
}

/** What the first day brings is how an identity began, and no habit of something new. */
function learn(news: News, key: number, actor: ActorActions, account: AccountActions | null, day: number): void {
  addBits(actor.known, key);
  actor.classes |= news.bit;
  if (actor.activeDays > 1) countNew(actor, day);
  if (account === null) return;
  if (news.peers === 0 && account.activeDays > 1) countNew(account, day);
  countUser(account.users, key);
}
