import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16s, type RecordOf } from '../src/model/state.ts';
import { mix } from '../src/stats/hash.ts';
import { countSeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { agentIn, type Agent } from './agents.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { hides, networkOf } from './network.ts';
import { confidenceOf } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';

const fields = { ...habitFields, clients: u16s(8), clientDays: u16s(8), networks: u16s(6), networkDays: u16s(6) };
const state = { identity: defineState(fields) };

const parameters = {
  thresholdBits: { default: cutOffs['unfamiliar-client'].bits, kind: 'number', describe: 'Bits of surprise from which a new client alerts.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** A new library alone is what a release brings: by itself it never suffices. */
const mostBits = 10.5;
/** Programs that are at hand on any machine, where before only the workload's own was seen. */
const toolBits = 3;
const newNetworkBits = 3;
const hiddenBits = 3;
/** A program made for breaking in, and never seen of this identity. */
const attackBits = 16;
const highBits = 15;

export default defineDetector({
  id: 'unfamiliar-client',
  title: 'A machine\'s token is used by a program that its identity never used, from a new network or by a tool that anybody has; or by an attacker\'s tool.',
  alertTitle: 'Token used by an unfamiliar client',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI2'],
  restsOn: 'workload',
  cases: [
    'C27 another library or program than ever, in a network where the identity never was',
    'C28 a tool or distribution of attackers, or a general tool in place of the own program',
  ],
  grace: 'Attackers\' tools at once; others from about a month of active days.',
  blindSpots: [
    'Who calls writes the user agent himself, and may copy it.',
    'Another program in a known network: a release looks the same.',
    'Versions: only the name of the program counts.',
  ],
  acceptance: 'A client below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse | needs.userAgent,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values): Finding | null {
    if (identity === null) return null;
    const agent = agentIn(event.userAgent ?? '');
    if (agent.kind === 'service') return null;
    const day = openDay(identity, event.orderMs);
    const isKnown = noteSeen(identity.clients, identity.clientDays, agent.fingerprint, day) !== 0;
    const isNewNetwork = noteSeen(identity.networks, identity.networkDays, fingerprint16(mix(networkOf(event))), day) === 0;
    if (isKnown) return null;
    const others = countSeen(identity.clientDays) - 1;
    const finding = judge(event, identity, agent, isNewNetwork, others, values);
    if (others > 0) countNew(identity, day);
    return finding;
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.clients, record.clientDays, shadow.clients, shadow.clientDays);
      mergeSeen(record.networks, record.networkDays, shadow.networks, shadow.networkDays);
    },
  },
});

function judge(event: TokenEvent, identity: Record, agent: Agent, isNewNetwork: boolean, known: number, values: Values): Finding | null {
  const isAttack = agent.kind === 'attack';
  const bits = isAttack ? attackBits : bitsOf(event, identity, agent, isNewNetwork);
  if (bits < values.thresholdBits) return null;
  return {
    severity: isAttack ? 73 : bits >= highBits ? 47 : 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, isAttack ? 0.8 : 0.7 * identity.activeDays / (identity.activeDays + 7)),
    reason: reasonOf(event, identity, agent, known, isNewNetwork),
    baseline: { activeDays: identity.activeDays, knownClients: known, daysWithNewClient: identity.newDays },
    observed: { client: agent.family, clientKind: agent.kind, ...(agent.word === null ? {} : { word: agent.word }), newNetwork: isNewNetwork ? 1 : 0 },
    deviates: 'network',
  };
}

function bitsOf(event: TokenEvent, identity: Record, agent: Agent, isNewNetwork: boolean): number {
  if (event.identityKind === 'human' || identity.activeDays <= graceDays) return 0;
  let bits = Math.min(mostBits, surpriseOf(identity));
  if (agent.kind === 'tool') bits += toolBits;
  if (isNewNetwork) bits += hides(event) ? newNetworkBits + hiddenBits : newNetworkBits;
  return bits;
}

function reasonOf(event: TokenEvent, identity: Record, agent: Agent, known: number, isNewNetwork: boolean): string {
  const who = `${nameOf(event)} was used by ${agent.family} from ${placeOf(event)}`;
  if (agent.word !== null) return `${who}; its name tells of "${agent.word}", a tool or system of people who break in or try found secrets.`;
  const before = `on ${plural(identity.activeDays, 'day')} of use it was called by ${known === 1 ? 'one other program' : plural(known, 'other program')} only`;
  return `${who}${isNewNetwork ? ', a network where it was never used' : ''}; ${before}.`;
}
