import { text } from '../../values.ts';
import type { CloudtrailFields } from './aws-cloudtrail-fields.ts';

/** Calls that write an object, which need not be into a bucket of the caller's own account. */
const writes: ReadonlySet<string> = new Set(['PutObject', 'CopyObject', 'UploadPart', 'UploadPartCopy', 'CreateMultipartUpload', 'CompleteMultipartUpload']);

/**
 * The account that a call gives something to, other than the one whose log it is; `*` is everybody. Snapshots, images and functions name whom
 * they are opened to, a replication its destination, and an object that is written its bucket's owner.
 */
export function targetAccountOf(values: CloudtrailFields): string | null {
  const named = text(values.sharedWith) ?? text(values.sharedGroup) ?? text(values.restoredBy) ?? text(values.replicatedTo) ?? invoker(values);
  const target = named === null ? ownerWrittenTo(values) : accountOf(named);
  return target === text(values.account) || target === text(values.callerAccount) ? null : target;
}

/** Whom a function or a topic may be called by; a service of AWS is nobody else. */
function invoker(values: CloudtrailFields): string | null {
  return (values.eventName as string).startsWith('AddPermission') ? text(values.principal) : null;
}

function ownerWrittenTo(values: CloudtrailFields): string | null {
  if (!writes.has(values.eventName as string)) return null;
  if (values.resource0Type === 'AWS::S3::Bucket') return text(values.resource0Owner);
  return values.resource1Type === 'AWS::S3::Bucket' ? text(values.resource1Owner) : null;
}

function accountOf(named: string): string | null {
  if (named === '*' || named === 'all') return '*';
  if (/^\d{12}$/.test(named)) return named;
  return /^arn:aws[\w-]*:(?:iam|sts)::(\d{12}):/.exec(named)?.[1] ?? null;
}
