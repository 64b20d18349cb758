import { defineDetector, type Context } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { hashText } from '../src/stats/hash.ts';
import { keepLarger } from '../src/stats/numbers.ts';
import { fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { lastingKinds, mintedFor, mintingOf } from './minting-actions.ts';
import { judgeMinting, judgeNewKey } from './minting-judgement.ts';
import { parameters, state, type Minter, type MintRecords, type MintValues } from './minting-records.ts';
import { dayMs, dayOf } from './use.ts';

export default defineDetector({
  id: 'suspicious-minting',
  title: 'A credential that lasts, a trust or a right to make some comes from somebody who never made any; or a new key is used at once by whoever made it.',
  alertTitle: 'Credential made by an unusual caller',
  state,
  parameters,
  attack: [
    { tactic: 'TA0003', technique: 'T1098.001' }, { tactic: 'TA0004', technique: 'T1098' }, { tactic: 'TA0005', technique: 'T1484.002' },
    { tactic: 'TA0005', technique: 'T1550.001' },
  ],
  owaspNhi: ['NHI5', 'NHI3', 'NHI6'],
  restsOn: 'workload',
  cases: [
    'C57 a key or password made for another user', 'C58 a key that its maker made for himself and uses at once',
    'C59 a secret added to an application by an unusual caller', 'C60 an identity provider or trust that is changed',
    'C61 somebody who may now act as another', 'C62 tokens or signatures made as an account of another project',
    'C63 a new credential whose owner or maker then stands out in another way', 'C64 a rare consent or delegation',
    'C65 a service account\'s token asked for by somebody who is no part of the cluster', 'C66 a token made for the directory\'s or platform\'s own interface',
    'C70 a further key for a user who serves one purpose only',
  ],
  grace: 'A machine is judged from one to six months after it was first seen, by what it makes; people later, and by what others of the account do. '
    + 'Within an open incident, and for users of a single purpose, at once.',
  blindSpots: [
    'Grants over a whole project or subscription: their records do not tell of which role.',
    'Kinds of credentials that a provider does not log: TokenRequest on some managed clusters, sessions of roles.',
    'Who makes credentials every week anyway.',
    'An identity that was made for the purpose: it has no history to differ from.',
  ],
  acceptance: 'What is below the alert counts at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse,
  wants: (event) => mintingOf(event) >= 0 || isNewKey(event),

  observe(event: TokenEvent, records: MintRecords, values: MintValues, context: Context): Finding | null {
    const { actor, account } = records;
    if (actor === null) return null;
    const kind = mintingOf(event);
    if (kind < 0) return judgeNewKey(event, actor, values, context);
    const day = Math.min(65_535, dayOf(event.orderMs));
    const target = mintedFor(event);
    const isNewTarget = target === null || noteSeen(actor.targets, actor.targetDays, fingerprint16(hashText(target)), day) === 0;
    const finding = judgeMinting(event, { kind, day, isNewTarget, target }, actor, account, values, context);
    count(actor, kind, day);
    if (actor.lastAnyDay !== day) {
      actor.lastAnyDay = day;
      actor.anyDays = Math.min(65_535, actor.anyDays + 1);
    }
    if (account !== null) count(account, kind, day);
    return finding;
  },

  accept: {
    actor(record, shadow): void {
      acceptDays(record, shadow);
      mergeSeen(record.targets, record.targetDays, shadow.targets, shadow.targetDays);
      record.anyDays = Math.max(record.anyDays, shadow.anyDays);
      record.lastAnyDay = Math.max(record.lastAnyDay, shadow.lastAnyDay);
    },
    account: acceptDays,
  },
});

/** Made within a day: only keys whose making was read are known to be new. */
function isNewKey({ tokenKind, issuedAtMs, orderMs }: TokenEvent): boolean {
  return issuedAtMs !== null && orderMs - issuedAtMs < dayMs && orderMs >= issuedAtMs && lastingKinds.has(tokenKind);
}

type Days = Pick<Minter, 'days' | 'lastDays'>;

function count({ days, lastDays }: Days, kind: number, day: number): void {
  if (lastDays.get(kind) === day) return;
  lastDays.set(kind, day);
  days.set(kind, Math.min(65_535, days.get(kind) + 1));
}

function acceptDays(record: Days, shadow: Days): void {
  keepLarger(record.days, shadow.days);
  keepLarger(record.lastDays, shadow.lastDays);
}
