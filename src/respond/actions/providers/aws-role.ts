import type { Target } from '../../../model/intent.ts';
import { asObject } from '../../../outbound/answer.ts';
import { providerOf } from '../provider.ts';
import { whyNotTold } from './aws-places.ts';
import { isSame, nameAtIam, pinnedTo, policyCalls } from './aws-policy.ts';
import { aws } from './aws.ts';

const policyCall = policyCalls({ kind: 'Role', nameOf: roleOf, whyNot: 'role_not_editable' });

/** The role's name; `null` for what is no role, and for roles whose policies nobody but AWS may write. */
function roleOf(target: Target): string | null {
  const name = nameAtIam(target, 'role', 'AROA');
  return name === null || name.startsWith('AWSReservedSSO_') || name.startsWith('AWSServiceRoleFor') ? null : name;
}

function isTemporary({ tokenKind }: Target): string | null {
  return tokenKind === 'temporary_key' ? null : 'token_kind_not_supported';
}

const roleSessions = policyCall({
  name: 'role_sessions',
  kinds: ['pin', 'revoke'],
  facts: {
    effect: 'All sessions of the role that began before now are denied everything, whoever holds them; later ones and long-term keys are not touched. Pinned, '
      + 'all sessions of the role, also later ones, go on from the networks of its users only.',
    undo: 'The policy is taken off the role. Sessions that have not ended work again, the stolen one too.',
  },
  fits: (target, kind, { vpcs }, keepNetworks = []) => isTemporary(target) ?? (kind === 'pin' ? whyNotTold(keepNetworks, vpcs) : null),
  // Attempts after the first cut no more than it did.
  statements: ({ kind, sentMs, keepNetworks }, { vpcs }, nowMs) => (kind === 'pin'
    ? pinnedTo(keepNetworks, vpcs)
    : [{ Action: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(sentMs ?? nowMs).toISOString().replace(/\.\d+Z$/, 'Z') } } }]),
  judge: (all, intent, { vpcs }) => {
    const { kind, sentMs, decidedMs, keepNetworks } = intent;
    if (kind === 'pin') return isSame(all, pinnedTo(keepNetworks, vpcs)) ? 'dead' : 'unknown';
    const [found, ...more] = all;
    const time = asObject(asObject(found?.['Condition'])?.['DateLessThan'])?.['aws:TokenIssueTime'];
    const cutMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    // Written down to the second.
    return more.length === 0 && found?.['Action'] === '*' && cutMs >= (sentMs ?? decidedMs) - 1000 ? 'dead' : 'unknown';
  },
});

/** `AROA...:name`: what a policy compares `aws:userId` with. No character of it means anything else there. */
const sessionId = /^AROA[A-Z0-9]{12,124}:[\w+=,.@-]{2,64}$/;

const session = policyCall({
  name: 'session',
  kinds: ['pin', 'revoke'],
  facts: {
    effect: 'The sessions of this one name are denied everything, also later ones under the same name; pinned, they go on from their own networks only. '
      + 'Other sessions of the role go on.',
    undo: 'The policy is taken off the role. The session works again if it has not ended.',
  },
  fits: (target, kind, { vpcs }, keepNetworks = []) =>
    isTemporary(target) ?? (sessionId.test(target.userId ?? '') ? kind === 'pin' ? whyNotTold(keepNetworks, vpcs) : null : 'no_public_id'),
  statements: ({ kind, target, keepNetworks }, { vpcs }) => {
    const who = { StringEquals: { 'aws:userId': target.userId! } };
    return kind === 'pin' ? pinnedTo(keepNetworks, vpcs, who) : [{ Action: '*', Condition: who }];
  },
});

const outboundFederation = policyCall({
  name: 'outbound_federation',
  facts: {
    effect: 'The role gets no more tokens for services outside AWS. Those already handed out are good until they expire.',
    undo: 'The policy is taken off the role.',
  },
  fits: ({ tokenKind }) => (tokenKind === 'jwt' || tokenKind === 'temporary_key' ? null : 'token_kind_not_supported'),
  statements: () => [{ Action: 'sts:GetWebIdentityToken' }],
});

export const awsRole = {
  role_sessions: providerOf(aws, roleSessions), session: providerOf(aws, session), outbound_federation: providerOf(aws, outboundFederation),
};
