import type { Intent } from '../model/intent.ts';

/** What our fixed words mean, for people. */
const meanings: Readonly<Record<string, string>> = {
  // Why a step must not be done.
  never_revoke: 'it is on the list of what is never acted upon',
  no_known_places: 'nobody else was seen to use the token, or not from places that can be told from where it deviates',
  other_key_elsewhere: 'another key of the same user is in use from elsewhere, and would be pinned to the places of this one',
  would_break_others: 'more others were seen to use the token than "respond.max_dependents" allows to break',
  nobody_to_hand_over: 'nobody else was seen to use it, so there is nobody to hand a new one to: revoke it',
  // How a rotation stands.
  handing_over: 'the new credential stands in the stores; its users move to it',
  not_moved: 'not all users were seen on the new credential in time: nothing is cut unless a person says so',
  thief_has_new: 'the new credential was used from where the alert\'s deviation comes: the thief reads the store as well',
  old_is_dead: 'the old credential is dead: there is nothing to go back to',
  old_dies_at_once: 'a new secret would end the old one at once: no policy of the realm keeps it beside the new',
  dates_not_told: 'the provider does not tell when each secret was made, so the old could not be told from the new',
  new_is_gone: 'the new credential is not there any more: the old one is what is left, and is not cut',
  no_room_beside: 'the owner has as many credentials as it may have: no new one fits beside the old',
  // Why the mode is less than the policy's.
  unproven: 'no authenticator vouched for a deviating use',
  late: 'its events came more than an hour late',
  shared_credential: 'it is a gateway\'s own credential: requests of others go on under it',
  protected: 'by its labels in the inventory everything else stands on it',
  reach_unknown: 'it would end more tokens than the one, and not all who use those are known',
  whole_machine: 'it cuts off whatever runs on a machine, and no log tells what that is',
  reminted: 'the thief was given another token after the incident began: end the credential',
  one_kind_of_evidence: 'everything found so far rests on one kind of evidence',
  // Why what its mode would let go waits for a person.
  enforcement_unconfirmed: 'two people have not agreed to this rule as it stands: see "tokenward respond enforce"',
  frozen: 'it is a time of "respond.freeze"',
  lineage_again: 'another plan for tokens of the same origin went by itself within the hour',
  identity_over_share: 'half of what the caps allow was done to this identity\'s tokens already: the rest is kept for others',
  rule_over_cap: 'the rule\'s own "caps" are used up',
  // Why an action cannot be done to a token.
  no_public_id: 'no public id of the token is known by which others could name it',
  tokens_not_sealed: 'the token itself is needed, and "respond.seal_tokens" is off',
  step_not_supported: 'the action cannot do this',
  other_issuer: 'the token is of another issuer',
  other_account: 'it is of another account or project than the action is for',
  token_kind_not_supported: 'the action is not for tokens of this kind',
  other_namespace: 'the token is of another namespace than the action is for',
  other_trust_domain: 'it is of another trust domain than the action is for',
  not_a_workload: 'the SPIFFE ID is that of a server or an agent, and no workload\'s',
  not_listed: 'the action names what it may be done to, and this identity is not among it',
  user_not_editable: 'it is no user of IAM, so there is nobody to write the policy for',
  vpc_not_named: 'it goes on from private addresses, which AWS tells apart only within a VPC: name yours in "vpcs" of the action',
  policy_too_long: 'the networks that it is to go on from do not fit into the policies that AWS lets one user or role have',
  role_not_editable: 'it is no role, or one whose policies only AWS may write',
  not_expressible: 'the gateway cannot be told of this token in its own form',
  not_permitted: 'the provider lets our account not do this',
  ambiguous: 'the identity has several entries at the provider, and "all_entries" of the action is off',
  privileged_entry: 'others rest on the entry: see "privileged" of the action',
  unknown_agent: 'the provider does not know the agent, which could come at any time',
  partly_done: 'the provider did it in part and refuses the rest',
  nothing_noted: 'the step changed nothing that could be brought back',
  credential_refused: 'the provider did not take our own credential',
};

/** Why an intent is refused, asks for a person or stands where it stands, as a sentence; `null` where its words say all. */
export function sentenceOn({ refused, lowered, why }: Pick<Intent, 'refused' | 'lowered' | 'why'>): string | null {
  const word = [refused, lowered, why].find((one) => one !== null && Object.hasOwn(meanings, one));
  return word === undefined ? null : meanings[word!]!;
}

/** The sentence for a fixed word, else the word itself. */
export function meaningOf(word: string): string {
  return meanings[word] ?? word.replaceAll('_', ' ');
}
