import type { Intent } from '../../../model/intent.ts';
import type { GrpcAnswer, GrpcRequest } from '../../../outbound/grpc-port.ts';
import { grpcVerdict, grpcWord } from '../grpc.ts';
import type { Found } from '../declaration.ts';
import { administrator, namedBy, svidsGoOn, type SpireCall, type SpireSettings } from './settings.ts';
import { isAgent } from './spiffe-id.ts';

const service = 'spire.api.server.agent.v1.Agent';

type Method = 'GetAgent' | 'BanAgent' | 'DeleteAgent';

function about(method: Method): (intent: Intent, settings: SpireSettings) => GrpcRequest {
  return ({ target }, settings) => {
    const named = namedBy(target, settings);
    if (typeof named === 'string') throw new Error('the target is no agent');
    return { method: `${service}/${method}`, message: { id: named } };
  };
}

/** How the agent stands; `null` where the server does not know it, a fixed word where it did not say. */
function standing(answer: GrpcAnswer): { readonly isBanned: boolean; readonly former: string } | Found | null {
  if (answer.kind === 'answered' && grpcWord(answer.code) === 'not_found') return null;
  const verdict = grpcVerdict(answer);
  if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
  const { banned, attestation_type: type, can_reattest: canReattest } = answer.kind === 'answered' ? answer.message ?? {} : {};
  return { isBanned: banned === true, former: JSON.stringify({ type, canReattest }) };
}

/** Bans the agent of a machine: `BanAgent`. */
export const spireAgent: SpireCall = {
  type: 'spire.agent',
  needsToken: false,
  kinds: () => ['revoke'],
  facts: ({ exposureMs }) => ({
    effect: `Nothing on the agent's machine gets SVIDs any more, whatever its identity, and the agent cannot attest again. ${svidsGoOn}`,
    delay: 'At the agent\'s next call to the server, within 5 s.',
    undo: 'The ban is lifted. The agent is to be started and attests again; one that joined by a token needs a new one and is another agent then, '
      + 'with no entries.',
    rights: administrator,
    exposureMs,
  }),
  fits: (target, _kind, settings) => {
    const named = namedBy(target, settings);
    if (typeof named === 'string') return named;
    return isAgent(named) ? null : 'not_listed';
  },
  find: {
    request: about('GetAgent'),
    classify: (answer) => {
      const stands = standing(answer);
      // One that is not known may attest at any time.
      if (stands === null) return { kind: 'failed', reason: 'unknown_agent' };
      if ('kind' in stands) return stands;
      return stands.isBanned ? { kind: 'already' } : { kind: 'found', value: '', former: stands.former };
    },
  },
  request: about('BanAgent'),
  classify: (answer) => grpcVerdict(answer),
  verify: {
    isPossible: () => true,
    request: about('GetAgent'),
    classify: (answer) => {
      const stands = standing(answer);
      return stands === null || 'kind' in stands ? 'unknown' : stands.isBanned ? 'dead' : 'alive';
    },
  },
  undo: {
    // A ban that somebody else lifted must not evict the agent that came back meanwhile.
    find: {
      request: about('GetAgent'),
      classify: (answer) => {
        const stands = standing(answer);
        if (stands === null) return { kind: 'already' };
        if ('kind' in stands) return stands;
        return stands.isBanned ? { kind: 'found', value: '' } : { kind: 'already' };
      },
    },
    needsFormer: true,
    request: about('DeleteAgent'),
    classify: (answer) => grpcVerdict(answer, { not_found: { kind: 'already' } }),
  },
  question: { method: `${service}/CountAgents`, message: {} },
  unasked: 'banning and deleting agents, which an administrator may by SPIRE\'s own policy',
};
