import type { TokenEvent } from '../../../model/event.ts';
import { isJsonObject, type Json, type JsonObject } from '../../paths.ts';
import type { NormalizeContext } from '../format.ts';
import { issuedToken, revokedToken } from '../audit.ts';

const maxProperties = 64;
const maxKeys = 64;
const keyPattern = /KeyIdentifier=([0-9a-fA-F-]{8,64}),KeyType=([A-Za-z]{1,32})/g;

/** Key ids with their types that a list such as `[KeyIdentifier=...,KeyType=Password,...]` names. */
function keysIn(value: Json | undefined): Map<string, string> {
  const keys = new Map<string, string>();
  if (typeof value !== 'string') return keys;
  for (const [, keyId, type] of value.matchAll(keyPattern)) {
    if (keys.size >= maxKeys) break;
    keys.set(keyId!.toLowerCase(), type!);
  }
  return keys;
}

/**
 * Secrets and certificates that a change of `KeyDescription` added to an application or took from it. One that was added is issued, one
 * that only went is revoked; of several the first is named.
 */
export function describeKeys(event: TokenEvent, target: JsonObject, owner: string | null, issuer: string, context: NormalizeContext): void {
  const properties = target['modifiedProperties'];
  if (event.outcome === 'failure' || !Array.isArray(properties)) return;
  for (const property of (properties as readonly Json[]).slice(0, maxProperties)) {
    if (!isJsonObject(property) || property['displayName'] !== 'KeyDescription') continue;
    const before = keysIn(property['oldValue']);
    const after = keysIn(property['newValue']);
    const added = [...after].find(([key]) => !before.has(key));
    const removed = [...before].find(([key]) => !after.has(key));
    if (added !== undefined) {
      const kind = added[1] === 'Password' ? 'api_key' : 'certificate';
      issuedToken(event, issuer, added[0], kind, owner === null ? null : `${issuer}|${owner}`, context);
    } else if (removed !== undefined) revokedToken(event, issuer, removed[0], context);
    return;
  }
}
