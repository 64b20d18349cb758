import type { Intent } from '../../../model/intent.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Found, Given } from '../declaration.ts';
import { switchedOn } from '../http.ts';
import { providerOf, type Call } from '../provider.ts';
import type { Rights } from '../rights.ts';
import { doubtfulIam, iamCall, iamRight, iamVerdict, members, nobody, textOf } from './aws-query.ts';
import { aws, isOfAccount, type AwsSettings } from './aws.ts';

/** Whose key it is: IAM wants both named. */
const findUser = {
  request: ({ target }: Intent, settings: AwsSettings): OutboundRequest => iamCall(settings, 'GetAccessKeyLastUsed', { AccessKeyId: target.handle! }),
  classify(answer: OutboundAnswer): Found {
    const verdict = iamVerdict(answer, { NoSuchEntity: { kind: 'already' } });
    if (verdict.kind === 'already') return { kind: 'gone' };
    if (verdict.kind !== 'done') return verdict;
    const user = textOf(answer, 'UserName');
    return user !== null && /^[\w+=,.@-]{1,64}$/.test(user) ? { kind: 'found', value: user } : { kind: 'failed', reason: 'owner_not_told' };
  },
};

function setStatus(status: 'Active' | 'Inactive') {
  return ({ target }: Intent, settings: AwsSettings, { found }: Given): OutboundRequest =>
    iamCall(settings, 'UpdateAccessKey', { UserName: found, AccessKeyId: target.handle!, Status: status });
}

/** What whoever looks after keys has to read. */
export const readsKeys: Rights<Pick<AwsSettings, 'endpoint' | 'accessKeyId'>> = {
  ask: ({ accessKeyId }) => [
    { right: 'iam:GetAccessKeyLastUsed', request: (settings) => iamCall(settings, 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId }), classify: iamRight },
    // Of nobody: that there is no such user is said only to those who may list.
    { right: 'iam:ListAccessKeys', request: (settings) => iamCall(settings, 'ListAccessKeys', { UserName: nobody }), classify: doubtfulIam },
  ],
};

const accessKey: Call<AwsSettings> = {
  name: 'access_key',
  facts: {
    effect: 'The key stops. Sessions that were made with it go on until they end: cut those of the role as well.',
    delay: 'Some seconds, in which the key still works and can still make another.',
    undo: 'The key is made active again.',
    rights: 'iam:UpdateAccessKey, iam:GetAccessKeyLastUsed and iam:ListAccessKeys.',
  },
  rights: { ...readsKeys, unasked: 'iam:UpdateAccessKey' },
  fits: (target, _kind, settings) => {
    if (target.tokenKind !== 'access_key' || !/^AKIA[A-Z0-9]{12,124}$/.test(target.handle ?? '')) return 'token_kind_not_supported';
    return isOfAccount(target, settings) ? null : 'other_account';
  },
  find: findUser,
  request: setStatus('Inactive'),
  classify: (answer) => iamVerdict(answer, { NoSuchEntity: { kind: 'already' } }),
  verify: {
    isPossible: () => true,
    find: findUser,
    request: (_intent, settings, { found }) => iamCall(settings, 'ListAccessKeys', { UserName: found }),
    classify: (answer, { target }) => {
      if (iamVerdict(answer).kind !== 'done') return 'unknown';
      const listed = members(answer).find((member) => textOf(member, 'AccessKeyId') === target.handle);
      if (listed === undefined) return textOf(answer, 'IsTruncated') === 'false' ? 'dead' : 'unknown';
      return switchedOn(textOf(listed, 'Status'), 'Active', 'Inactive');
    },
  },
  undo: { find: findUser, request: setStatus('Active'), classify: (answer) => iamVerdict(answer) },
};

export const awsAccessKey = providerOf(aws, accessKey);
