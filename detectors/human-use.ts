import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u8, type RecordOf } from '../src/model/state.ts';
import { agentIn } from './agents.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { confidenceOf } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';

const fields = { ...habitFields, manners: u8() };
const state = { identity: defineState(fields) };

const parameters = {
  thresholdBits: { default: cutOffs['human-use'].bits, kind: 'number', describe: 'Bits of surprise from which use by a person alerts.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** How a person shows, the plainer sign first; the place of each is its bit in `manners`. */
const manners = [
  { words: 'its role was assumed with the token of a person', bits: 4, severity: 47 },
  { words: 'a browser made the call', bits: 3, severity: 47 },
  { words: 'its session is named after a person', bits: 3, severity: 47 },
  { words: 'a command line or desktop program that people work with made the call', bits: 0, severity: 21 },
] as const;
const [byPerson, inBrowser, namedSession, inShell] = [1, 2, 4, 8];

export default defineDetector({
  id: 'human-use',
  title: 'A machine\'s identity is worked by a person: a browser, a console, a session named after somebody, a role assumed with a person\'s token.',
  alertTitle: 'Machine identity used by a person',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078.004' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI10'],
  restsOn: 'workload',
  cases: ['C36 a service role assumed by a person', 'C41 a machine\'s token used in a browser, a console or on a command line'],
  grace: 'Four to thirty active days, by how plain the sign is.',
  blindSpots: [
    'Who calls writes the user agent and the session\'s name himself.',
    'Identities that people use from the beginning: that is their habit.',
    'A person with a script.',
  ],
  acceptance: 'A manner below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse,
  wants: (event) => event.identityKind !== 'human' && event.identityKind !== null,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values, context): Finding | null {
    if (identity === null) return null;
    const day = openDay(identity, event.orderMs);
    const seen = mannersOf(event, context.parentIsHuman);
    const fresh = seen & ~identity.manners;
    if (fresh === 0) return null;
    const finding = identity.activeDays <= graceDays ? null : judge(event, identity, fresh, values);
    identity.manners |= fresh;
    countNew(identity, day);
    return finding;
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      record.manners |= shadow.manners;
    },
  },
});

function mannersOf(event: TokenEvent, parentIsHuman: boolean): number {
  let seen = parentIsHuman ? byPerson : 0;
  if (event.userAgent !== null) {
    const { kind } = agentIn(event.userAgent);
    if (kind === 'browser') seen |= inBrowser;
    else if (kind === 'shell') seen |= inShell;
  }
  return event.identityKind === 'role' && isNamedAfterPerson(event.userId) ? seen | namedSession : seen;
}

/** `AROA...:somebody@example.org`: what the caller named a role's session. Addresses are people's. */
function isNamedAfterPerson(userId: string | null): boolean {
  return userId !== null && userId.includes('@', userId.indexOf(':') + 1);
}

function judge(event: TokenEvent, identity: Record, fresh: number, values: Values): Finding | null {
  const manner = manners[31 - Math.clz32(fresh & -fresh)];
  if (manner === undefined) return null;
  const bits = surpriseOf(identity) + manner.bits;
  if (bits < values.thresholdBits) return null;
  return {
    severity: manner.severity,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.8 * identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)} is a machine's identity, but ${manner.words} from ${placeOf(event)}; nothing like it on `
      + `${plural(identity.activeDays, 'day')} of use.`,
    baseline: { activeDays: identity.activeDays, daysWithNewManner: identity.newDays },
    observed: { sign: manner.words, ...(event.userAgent === null ? {} : { client: agentIn(event.userAgent).family }) },
    deviates: 'token',
  };
}
