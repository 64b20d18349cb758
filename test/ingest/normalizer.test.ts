import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { defineFormat, quarantine, shape } from '../../src/ingest/formats/format.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import { each, path } from '../../src/ingest/paths.ts';
import type { Origin, RawRecord } from '../../src/ingest/record.ts';
import { emptyEvent } from '../../src/model/event.ts';

const origin: Origin = { path: 'a.log', place: 0, identity: 'x', source: null, modifiedMs: null };
function record(text: string | Uint8Array, more: Partial<RawRecord> = {}): RawRecord {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return { origin, bytes, offset: 7, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null, ...more };
}
const example = defineFormat({
  id: 'example', title: 'Example', describe: '', vantage: 'gateway', repeats: false, notes: [],
  shapes: [shape({
    kind: 'json',
    fields: { time: path('time'), ip: path('client', 'ip'), roles: each(['roles'], path('name')) },
    secrets: { rawToken: path('auth') },
    recognize: ({ time }) => time !== null,
    normalize(values, _context, secrets) {
      if (typeof values.time !== 'number') return quarantine('no_time', 'The record has no time.');
      const event = emptyEvent('example', values.time);
      event.sourceIp = values.ip as string | null;
      event.roles = values.roles as string[] | null;
      event.token = secrets.rawToken?.fingerprint('issuer') ?? null;
      return event;
    },
  })],
});
const normalizer = new Normalizer([example], { fingerprinter: new Fingerprinter(replayKey) });

describe('Normalizer', () => {
  test('reads what the format declares and fills in the position', () => {
    const outcome = normalizer.normalize(record('{"time":1700000000000,"client":{"ip":"192.0.2.1"},"roles":[{"name":"a"},{},{"name":"b"}],"auth":"Bearer secret"}'));
    if (outcome.kind !== 'event') throw new Error(JSON.stringify(outcome));
    expect(outcome.event).toMatchObject({
      sourceIp: '192.0.2.1', roles: ['a', 'b'], path: 'a.log', offset: 7, index: null, source: 'example',
      token: new Fingerprinter(replayKey).fingerprint('issuer', 'secret'),
    });
    expect(outcome.event.id).toMatch(/^[\w-]{22}$/);
  });
});
