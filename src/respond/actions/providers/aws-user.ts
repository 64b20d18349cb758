import { providerOf } from '../provider.ts';
import { whyNotTold } from './aws-places.ts';
import { nameAtIam, pinnedTo, policyCalls } from './aws-policy.ts';
import { aws } from './aws.ts';

// What is no user of IAM, such as the account's root, has no name there.
const policyCall = policyCalls({ kind: 'User', nameOf: (target) => nameAtIam(target, 'user', 'AIDA'), whyNot: 'user_not_editable' });

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
