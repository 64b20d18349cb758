import type { TokenEvent } from '../model/event.ts';

/**
 * What was done to somebody else: put out of service for good, what he runs deleted, or cut off (password reset, sessions ended, locked).
 * `reinstated` takes the first two back. `widened`: given further rights.
 */
export type Act = 'offboarded' | 'gone' | 'contained' | 'reinstated' | 'widened';

const actions: Readonly<Record<Act, readonly string[]>> = {
  offboarded: [
    'user.lifecycle.deactivate', 'user.lifecycle.delete.initiated', 'user.lifecycle.delete.completed',
    'Delete user', 'Hard Delete user', 'Disable account', 'DELETE_USER', 'SUSPEND_USER', 'user_deleted', 'user_suspended',
    'google.iam.admin.v1.DisableServiceAccount',
  ],
  gone: [
    'Delete service principal', 'Remove service principal', 'Hard delete service principal', 'Delete application',
    'google.iam.admin.v1.DeleteServiceAccount',
  ],
  contained: [
    'user.lifecycle.suspend', 'user.account.lock', 'user.account.reset_password', 'user.account.update_password', 'user.session.clear',
    'Reset user password', 'Reset password (by admin)', 'Change user password', 'Update StsRefreshTokenValidFrom Timestamp',
    'Revoke user sign-in sessions', 'CHANGE_PASSWORD', 'UpdateLoginProfile', 'DeleteLoginProfile',
  ],
  reinstated: [
    'user.lifecycle.activate', 'user.lifecycle.reactivate', 'user.lifecycle.unsuspend', 'Enable account', 'Restore user', 'UNDELETE_USER',
    'UNSUSPEND_USER', 'google.iam.admin.v1.EnableServiceAccount', 'google.iam.admin.v1.UndeleteServiceAccount',
  ],
  widened: [
    'AttachUserPolicy', 'PutUserPolicy', 'AddUserToGroup', 'AttachRolePolicy', 'PutRolePolicy',
    'Add app role assignment to service principal', 'Add delegated permission grant', 'Add member to role', 'user.account.privilege.grant',
  ],
};
const actOf: ReadonlyMap<string, Act> = new Map(Object.entries(actions).flatMap(([act, names]) => names.map((name) => [name, act as Act])));

/** What the event did to whoever it names, as far as it succeeded; `null` for nearly all events. */
export function actIn(event: TokenEvent): Act | null {
  const { action } = event;
  if (action === null || event.outcome !== 'success') return null;
  const known = actOf.get(action);
  if (known !== undefined) return known;
  // Verbs say something only together with what they are applied to.
  if (action === 'DELETE') return event.resourceKind === 'user' ? 'offboarded' : null;
  if (event.resourceKind !== 'serviceaccounts') return null;
  return action === 'delete' ? 'gone' : action === 'create' ? 'reinstated' : null;
}

/** Ids under which the one acted upon may be known: none where the log only says a name that stands for nobody else's id. */
export function actedUpon({ identityId, targetUserId, targetUserName, userId, resourceId, resourceKind }: TokenEvent): string[] {
  const ids = resourceId === null ? [] : [resourceId];
  const bar = identityId?.indexOf('|') ?? -1;
  const authority = bar < 0 ? null : identityId!.slice(0, bar + 1);
  if (resourceKind === 'serviceaccounts' && resourceId !== null) {
    const [namespace, , name] = resourceId.split('/');
    if (name !== undefined) ids.push(`${authority ?? ''}system:serviceaccount:${namespace}:${name}`);
  }
  for (const target of [targetUserId, targetUserName]) {
    if (target !== null && target !== userId) ids.push(target, ...authority === null ? [] : [authority + target]);
  }
  return ids;
}
