import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import type { Origin } from '../../src/ingest/record.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench } from './support.ts';

const folder = new URL('../data/real-servers/', import.meta.url);

/** What came out of correlation for a log of one JSON record a line. */
function run(name: string): { bench: Bench; events: TokenEvent[] } {
  const bench = new Bench();
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const origin: Origin = { path: name, identity: name, place: 0, source: null, modifiedMs: null };
  const events: TokenEvent[] = [];
  let offset = 0;
  for (const [ordinal, line] of readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n').entries()) {
    const bytes = Buffer.from(line);
    const outcome = normalizer.normalize({ origin, bytes, offset, index: null, ordinal, originalPosition: null, envelopeTimeMs: null });
    offset += bytes.length + 1;
    if (outcome.kind !== 'event') continue;
    const { event, released } = bench.correlator.correlate(outcome.event);
    events.push(...released, ...event === null ? [] : [event]);
  }
  return { bench, events };
}

const thief = '127.66.6.6';

describe('the log of a real theft', () => {
  it.each(['vault/theft-audit-accessor.ndjson', 'vault/theft-audit-hmac.ndjson'])('%s: issue, use, refused use are one token, a call is one event', (name) => {
    const { bench, events } = run(name);
    const stolen = events.filter((event) => event.sourceIp === thief);
    expect(new Set(stolen.map((event) => event.token)).size).toBe(1);
    const token = bench.correlator.token(stolen[0]?.token as string);
    expect(token).toMatchObject({ issueSeen: true, kind: 'vault' });
    expect(stolen.filter((event) => event.outcome === 'success')).toHaveLength(60);
    expect(stolen.filter((event) => event.outcome === 'failure')).toHaveLength(5);
    expect(new Set(stolen.map((event) => event.identityId))).toEqual(new Set([token?.identityId]));
    expect(new Set(events.map((event) => event.requestId)).size).toBe(events.length);
  });

  it('vault with hashed accessors: the revocation meets its token', () => {
    const { bench, events } = run('vault/theft-audit-hmac.ndjson');
    const stolen = events.find((event) => event.sourceIp === thief)?.token as string;
    expect(bench.correlator.token(stolen)?.revokedAtMs).not.toBeNull();
  });

  it.each(['envoy/theft-access.ndjson', 'haproxy/theft-access.ndjson'])('%s: thief and owner share the token, the others do not', (name) => {
    const { bench, events } = run(name);
    const owner = events.filter((event) => event.sourceIp === '127.10.0.11');
    const stolen = events.filter((event) => event.sourceIp === thief && event.token !== null);
    expect(stolen.length).toBeGreaterThanOrEqual(60);
    expect(new Set(stolen.map((event) => event.token))).toEqual(new Set(owner.filter((event) => event.token !== null).map((event) => event.token)));
    expect(bench.correlator.counts().tokens).toBe(3);
    expect(bench.correlator.counts().identities).toBe(3);
  });

  it('keycloak: login, use by session and revocation are one token', () => {
    const { bench, events } = run('keycloak/theft-events-rest.ndjson');
    const stolen = new Set(events.filter((event) => event.sourceIp === thief && event.token !== null).map((event) => event.token));
    expect(stolen.size).toBe(1);
    const token = bench.correlator.token([...stolen][0] as string);
    expect(token).toMatchObject({ issueSeen: true, handle: 'onrtcc:8afe5098-a8b8-5de6-ec33-0df5ce6b3e9c' });
    expect(token?.revokedAtMs).not.toBeNull();
  });
});
