import { defineDetector, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16 } from '../src/model/state.ts';
import { mix } from '../src/stats/hash.ts';
import { fingerprint16 } from '../src/stats/recent-set.ts';
import { agentIn } from './agents.ts';
import { certain } from './certain.ts';
import { hides, networkOf } from './network.ts';
import { nameOf, placeOf } from './words.ts';

/** Millions of these: 4 bytes. Where and with which program the session was first used; 0: not yet. */
const state = { token: defineState({ network: u16(), client: u16() }) };

export default defineDetector({
  id: 'session-replay',
  title: 'A person\'s session goes on in another program and another network at once: its cookie or token was copied.',
  alertTitle: 'Session continued elsewhere',
  state,
  parameters: {},
  attack: [{ tactic: 'TA0005', technique: 'T1550.004' }, { tactic: 'TA0008', technique: 'T1550.004' }],
  owaspNhi: ['NHI4'],
  restsOn: 'origin',
  cases: ['C82 a session cookie that is replayed on another machine'],
  grace: 'None: a session begins on one machine. From its second use on.',
  blindSpots: [
    'A thief who copies the user agent too; then only the place tells.',
    'The same network: a session that is replayed on the victim\'s own machine or behind the same address.',
    'Logs that name no session.',
  ],
  acceptance: 'The session ends; nothing of it is kept for the next one.',

  needs: needs.successfulUse | needs.token | needs.network | needs.userAgent,
  wants: (event) => (event.tokenKind === 'session' || event.identityKind === 'human') && lastsForOne(event),

  observe(event: TokenEvent, { token }: RecordsOf<typeof state>): Finding | null {
    const agent = agentIn(event.userAgent ?? '');
    if (token === null || agent.kind === 'service') return null;
    const network = fingerprint16(mix(networkOf(event))) || 1;
    if (token.network === 0) {
      token.network = network;
      token.client = agent.fingerprint;
      return null;
    }
    if (token.network === network || token.client === agent.fingerprint) return null;
    const isHidden = hides(event) || event.networkClass === 'hosting';
    return certain(event, {
      severity: isHidden || agent.kind === 'attack' ? 73 : 47,
      reason: `A session of ${nameOf(event)} went on in ${agent.family} from ${placeOf(event)}; until then another program had used it in another network.`,
      observed: { client: agent.family, networkBlock: event.networkBlock ?? '' },
    });
  },
});

/** Sessions and what stands for one; a person's keys serve him on many machines. Calls by the provider's own machines are none of his. */
function lastsForOne({ tokenKind, networkClass }: TokenEvent): boolean {
  return networkClass !== 'provider' && (tokenKind === 'session' || tokenKind === 'jwt' || tokenKind === 'opaque');
}
