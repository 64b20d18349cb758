import type { Target } from '../../../model/intent.ts';
import { providerOf } from '../provider.ts';
import { whyNotTold } from './aws-places.ts';
import { pinnedTo, policyCalls } from './aws-policy.ts';
import { aws } from './aws.ts';

const policyCall = policyCalls({ kind: 'User', nameOf: userOf, whyNot: 'user_not_editable' });

/** The user's name; `null` for what is no user of IAM, such as the account's root. */
function userOf({ identityId, identityName }: Target): string | null {
  const byArn = /^arn:aws[\w-]*:iam::\d{12}:user\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(identityId ?? '')?.[1];
  const name = byArn ?? (/^aws:\d{12}:AIDA[A-Z0-9]+$/.test(identityId ?? '') ? identityName : null);
  return name !== null && /^[\w+=,.@-]{1,64}$/.test(name) && !name.startsWith('AIDA') ? name : null;
}

const userKeys = policyCall({
  name: 'user_keys',
  kinds: ['pin'],
  facts: {
    effect: 'All that the user does, by this key, by every other key of the user or with the password, goes on from the networks of this key only. So do '
      + 'sessions that were got without a role, and links to objects that the keys have signed; sessions of roles that the keys took on go on everywhere.',
    undo: 'The policy is taken off the user. The stolen key works from everywhere again: make it inactive first.',
  },
  fits: ({ tokenKind, handle }, _kind, { vpcs }, keepNetworks = []) =>
    (tokenKind === 'access_key' && /^AKIA[A-Z0-9]{12,124}$/.test(handle ?? '') ? whyNotTold(keepNetworks, vpcs) : 'token_kind_not_supported'),
  statements: ({ keepNetworks }, { vpcs }) => pinnedTo(keepNetworks, vpcs),
});

export const awsUserKeys = providerOf(aws, userKeys);
