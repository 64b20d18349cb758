import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { readRecords } from '../../../src/ingest/files.ts';
import { identityFormats } from '../../../src/ingest/formats/identity/index.ts';
import { microsoftFormats } from '../../../src/ingest/formats/microsoft/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { TokenEvent } from '../../../src/model/event.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const formats = [...identityFormats, ...microsoftFormats];
/** File -> what identity providers' and Microsoft's formats alone make of its records. Unknown: other products', and fragments of rules' tests. */
const expected = JSON.parse(readFileSync(new URL('../../data/formats/corpus-providers.json', import.meta.url), 'utf8')) as Record<string, string>;

type Json = { readonly [key: string]: unknown };
interface Read { readonly event: TokenEvent; readonly record: Json }

async function readAll(path: string): Promise<{ readonly counts: string; readonly events: readonly Read[] }> {
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const counts = new Map<string, number>();
  const events: Read[] = [];
  for await (const batch of readRecords([data + path])) {
    for (const item of batch) {
      const outcome = 'reason' in item ? null : normalizer.normalize(item);
      const what = outcome === null ? 'unreadable' : outcome.kind === 'event' ? outcome.event.dataset : outcome.kind === 'ignored' ? 'ignored' : outcome.refusal.reason;
      counts.set(what, (counts.get(what) ?? 0) + 1);
      if (outcome?.kind === 'event' && 'bytes' in item && item.bytes[0] === 0x7b) {
        events.push({ event: outcome.event, record: JSON.parse(new TextDecoder().decode(item.bytes)) as Json });
      }
    }
  }
  return { counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${what} ${n}`).join(', '), events };
}

/** Where a person who knows the products looks: any of these paths, keys in any case. */
const places: Readonly<Record<string, { readonly paths: readonly string[]; of(event: TokenEvent): unknown }>> = {
  address: {
    paths: ['client.ipAddress', 'ipaddr', 'data.ip', 'client.ip_address', 'access_device.ip', 'properties.ipAddress', 'properties.initiatedBy.user.ipAddress', 'callerIpAddress',
      'ClientIP', 'ActorIpAddress', 'Client_IPAddress', 'origin', 'client_ip', 'http_request.client_ip_address', 'properties.clientIP', 'payload.initiator.host.address', 'ip'],
    of: (event) => event.sourceAddress,
  },
  principal: {
    paths: ['actor.id', 'actor_user_id', 'data.user_id', 'target_user.uuid', 'user.name', 'properties.userId', 'properties.servicePrincipalId', 'properties.initiatedBy.user.id', 'UserId',
      'userid', 'claims.http://schemas.microsoft.com/identity/claims/objectidentifier', 'payload.initiator.id', 'caller', 'context.username', 'identifier'],
    of: (event) => event.userId ?? event.userName ?? event.identityId,
  },
  token: {
    paths: ['claims.uti', 'properties.uniqueTokenIdentifier', 'data.details.request.auth.credentials.jti', 'transaction.detail.requestApiTokenId', 'session_uuid',
      'authenticationContext.externalSessionId', 'token'],
    // A refused credential is none; a token that is only asked about is not the caller's.
    of: (event) => event.token ?? event.issued ?? event.revoked ?? (event.outcome === 'failure' || event.action?.startsWith('introspection') === true ? 'none' : null),
  },
  action: {
    paths: ['eventType', 'event_type_id', 'data.type', 'type', 'operationName', 'operation_name.value', 'Operation', 'event_type', 'action', 'payload.action'],
    of: (event) => event.action ?? event.method,
  },
  status: { paths: ['properties.httpStatus'], of: (event) => event.status },
  bytes: { paths: ['properties.sentBytes'], of: (event) => event.responseBytes },
};

function valueAt(record: unknown, path: string): unknown {
  const claims = path.indexOf('http:');
  const keys = claims < 0 ? path.split('.') : [...path.slice(0, claims - 1).split('.'), path.slice(claims)];
  let at: unknown = record;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null) return undefined;
    const found = Object.keys(at).find((own) => own.toLowerCase() === key.toLowerCase());
    at = found === undefined ? undefined : (at as Json)[found];
  }
  return at;
}

function isGiven(value: unknown): boolean {
  return (typeof value === 'string' && !['', '-', 'unknown', 'redacted', '0.0.0.0', 'None'].includes(value)) || typeof value === 'number';
}

describe.skipIf(!existsSync(data)).each(Object.keys(expected))('%s', (path) => {
  test('every record is told apart', async () => {
    expect((await readAll(path)).counts).toBe(expected[path]);
  });

  test('what a record says comes out, and nothing that it does not say', async () => {
    for (const [name, { paths, of }] of Object.entries(places)) {
      const { events } = await readAll(path);
      const told = events.filter(({ record }) => paths.some((place) => isGiven(valueAt(record, place))));
      const lost = told.filter(({ event }) => of(event) === null);
      expect(lost.length, `${name}: ${JSON.stringify(lost[0]?.record)?.slice(0, 600)}`).toBeLessThanOrEqual(told.length * 0.02);
      if (name !== 'address') continue;
      const invented = events.filter(({ event, record }) => of(event) !== null && !JSON.stringify(record).includes(String(of(event))));
      expect(invented.map(({ event }) => of(event))).toEqual([]);
    }
  });
});
