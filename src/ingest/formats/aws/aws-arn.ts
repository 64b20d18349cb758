import type { TokenEvent } from '../../../model/event.ts';
import { text } from '../../values.ts';
import type { Value } from '../format.ts';

/** Region and account out of an ARN (`arn:partition:service:region:account:resource`), where the log has no fields for them. */
export function describeArn(event: TokenEvent, value: Value | undefined): void {
  const arn = text(value);
  if (arn === null || !arn.startsWith('arn:')) return;
  const parts = arn.split(':', 6);
  event.cloudRegion ??= parts[3] || null;
  event.cloudAccount ??= parts[4] || null;
}

/** The role of a session's ARN, one id for all of its sessions, as `aws.cloudtrail` names it where it knows no unique id. */
export function sessionRole(arn: string): string {
  if (!arn.includes(':assumed-role/')) return arn;
  const parts = arn.split('/', 3);
  return parts.length < 3 ? arn : `${parts[0]}/${parts[1]}`;
}
