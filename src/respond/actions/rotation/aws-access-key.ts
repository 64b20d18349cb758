import type { CredentialSection } from '../../../config/rotation-schema.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { secretIn } from '../auth/authorizer.ts';
import { awsSignature } from '../auth/aws-signature.ts';
import { readsKeys } from '../providers/aws-key.ts';
import { iamCall, iamVerdict, members, textOf } from '../providers/aws-query.ts';
import { isOfAccount } from '../providers/aws.ts';
import { rightsAt } from '../rights.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { ask, nothing, type Answered, type Part } from './part.ts';

const accessKeyId = /^AKIA[A-Z0-9]{12,124}$/;

/** Access keys of IAM users (AWS IAM API reference: CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey). A user has two at most. */
export function awsAccessKeys(section: CredentialSection<'aws_access_key'>): Part<Credentials> {
  const endpoint = (section.endpoint ?? 'https://iam.amazonaws.com').replace(/\/+$/, '');
  const credential = {
    accessKeyId: section.access_key_id, secret: secretIn(section.secret_key_file),
    sessionToken: section.session_token_file === undefined ? null : secretIn(section.session_token_file),
  };
  return {
    urls: [endpoint], authorizer: awsSignature(credential, { region: 'us-east-1', service: 'iam' }),
    rights: {
      ...rightsAt(readsKeys, { endpoint, accessKeyId: credential.accessKeyId }),
      unasked: 'iam:CreateAccessKey, iam:UpdateAccessKey and iam:DeleteAccessKey',
    },
    make: (send) => credentials(send, endpoint, section.account_id),
  };
}

function credentials(send: Send, endpoint: string, account: string): Credentials {
  type Form = Readonly<Record<string, string>>;
  const call = <T>(action: string, form: Form, signal: AbortSignal, read: (answer: OutboundAnswer) => T | null): Promise<Answered<T>> =>
    ask(send, iamCall({ endpoint }, action, form), signal, read, verdictOf);
  return {
    most: 2,
    facts: {
      effect: 'A second key is made and written to the stores; once all users are seen on it the old one is made inactive. Sessions made with the old go on.',
      delay: 'As long as users take to fetch the new key; the cut takes some seconds.',
      rights: 'iam:CreateAccessKey, iam:DeleteAccessKey, iam:UpdateAccessKey, iam:ListAccessKeys and iam:GetAccessKeyLastUsed',
    },
    fits: (target) => {
      if (target.tokenKind !== 'access_key' || !accessKeyId.test(target.handle ?? '')) return 'token_kind_not_supported';
      return isOfAccount(target, { account }) ? null : 'other_account';
    },
    idOf: ({ handle }) => handle!,
    owner: ({ handle }, signal) => call('GetAccessKeyLastUsed', { AccessKeyId: handle! }, signal, (answer) => {
      const user = textOf(answer, 'UserName');
      return user !== null && /^[\w+=,.@-]{1,64}$/.test(user) ? user : null;
    }),
    list: (owner, signal) => call('ListAccessKeys', { UserName: owner }, signal, listedIn),
    create: (owner, _label, signal) => call('CreateAccessKey', { UserName: owner }, signal, madeIn),
    remove: (owner, id, signal) => call('DeleteAccessKey', { UserName: owner, AccessKeyId: id }, signal, nothing),
    stop: (owner, id, signal) => call('UpdateAccessKey', { UserName: owner, AccessKeyId: id, Status: 'Inactive' }, signal, nothing),
  };
}

function verdictOf(answer: OutboundAnswer): ReturnType<typeof iamVerdict> {
  return iamVerdict(answer, { NoSuchEntity: { kind: 'already' }, LimitExceeded: { kind: 'failed', reason: 'no_room_beside' } });
}

function listedIn(answer: OutboundAnswer): readonly Listed[] | null {
  // Two fit on a page many times over.
  if (textOf(answer, 'AccessKeyMetadata') === null || textOf(answer, 'IsTruncated') === 'true') return null;
  return members(answer).map((member) => {
    const createdMs = Date.parse(textOf(member, 'CreateDate') ?? '');
    return {
      id: textOf(member, 'AccessKeyId') ?? '', isActive: textOf(member, 'Status') === 'Active', label: null,
      createdMs: Number.isNaN(createdMs) ? null : createdMs,
    };
  });
}

function madeIn(answer: OutboundAnswer): Made | null {
  const [id, secret] = [textOf(answer, 'AccessKeyId'), textOf(answer, 'SecretAccessKey')];
  return id !== null && accessKeyId.test(id) && secret !== null && secret !== '' ? { id, secret } : null;
}
