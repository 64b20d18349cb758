import type { TokenEvent } from '../src/model/event.ts';
import { classOf } from './action-classes.ts';
import { isSuccessfulUse } from './use.ts';

/** A secret, or a parameter of Parameter Store, was successfully read by somebody: not described, listed by name or written. */
export function isSecretRead(event: TokenEvent): boolean {
  const { action, resourceKind } = event;
  if (action === null || classOf(event) !== 'secrets' && !(resourceKind === 'parameter' && parameterReads.has(action))) return false;
  return isSuccessfulUse(event);
}
const parameterReads: ReadonlySet<string> = new Set(['GetParameter', 'GetParameters']);

/** Does the operation put a secret there, so that whoever did it knows it? */
export function isSecretWrite({ action }: TokenEvent): boolean {
  return action !== null && writes.has(action);
}
const writes: ReadonlySet<string> = new Set(['CreateSecret', 'PutSecretValue', 'UpdateSecret', 'PutParameter', 'SecretSet', 'putSecret']);
