import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { defaultSource, type SourceSettings } from '../../src/ingest/formats/format.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import type { Origin } from '../../src/ingest/record.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench } from './support.ts';

const folder = new URL('../data/real-servers/', import.meta.url);

/** What came out of correlation for a log of one JSON record a line. */
function run(name: string, settings: SourceSettings = defaultSource): { bench: Bench; events: TokenEvent[] } {
  const bench = new Bench();
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey), unconfigured: { settings, formats: null } });
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

/** What each log tells of its tokens, as events of the kind `<outcome> <lifecycle>`: no more can be joined from it alone. */
function storyOf({ bench, events }: ReturnType<typeof run>, handle: string): Record<string, number> {
  const token = [...bench.correlator.tokens()].find((known) => known.handle === handle);
  const story: Record<string, number> = {};
  for (const { outcome, lifecycle } of events.filter((event) => event.token === token?.fingerprint)) {
    const act = `${outcome} ${lifecycle}`;
    story[act] = (story[act] ?? 0) + 1;
  }
  return story;
}
const keyOf = (server: string): string => (JSON.parse(readFileSync(new URL(`${server}/theft-truth.json`, folder), 'utf8')) as { stolen: { key: string } }).stolen.key;

describe('issue, use, failed use and revocation, as far as each log tells them', () => {
  it.each([
    // A gateway sees uses and, from the revocation on, refusals.
    ['envoy', 'envoy/theft-access.ndjson', { 'success used': 90, 'failure refused': 10 }],
    ['haproxy', 'haproxy/theft-access.ndjson', { 'success used': 90, 'failure refused': 10 }],
    // Keycloak's refusals name neither token nor session.
    ['keycloak', 'keycloak/theft-events-rest.ndjson', { 'success used': 90, 'success revoked': 1 }],
    // The accessor in the clear names the token, and then the one in the revocation, which is always hashed, cannot be tied to it.
    ['vault', 'vault/theft-audit-accessor.ndjson', { 'success used': 90, 'failure refused': 10 }],
  ])('%s', (server, name, story) => {
    expect(storyOf(run(name), keyOf(server))).toEqual(story);
  });

  it('nginx tells no issuer: only with the source\'s own its uses are of tokens, one for each jti', () => {
    expect(run('nginx/access.ndjson').bench.correlator.counts().tokens).toBe(0);
    const { bench, events } = run('nginx/access.ndjson', { ...defaultSource, issuers: ['https://idp.test'] });
    expect(events.every(({ token, outcome }) => token !== null && outcome === 'success')).toBe(true);
    expect(bench.correlator.counts().tokens).toBe(new Set(events.map(({ tokenHandle }) => tokenHandle)).size);
  });

  it('oidc-provider: what was issued under a grant ends with it, though the log names the grant alone', () => {
    const { bench, events } = run('oidc-provider/audit.ndjson');
    const tokens = [...bench.correlator.tokens()];
    const ended = events.filter(({ lifecycle, tokenKind, token }) => lifecycle === 'revoked' && tokenKind === 'session' && token !== null).map(({ token }) => token);
    expect(ended.length).toBeGreaterThan(0);
    const children = tokens.filter(({ parent }) => ended.includes(parent));
    expect(children.length).toBeGreaterThan(ended.length);
    expect(children.filter(({ revokedAtMs }) => revokedAtMs === null)).toEqual([]);
    expect(tokens.filter(({ parent, revokedAtMs }) => parent !== null && revokedAtMs === null).every(({ parent }) => !ended.includes(parent))).toBe(true);
  });

  it('keystone names no token, only the application credential: made and taken back', () => {
    const { bench } = run('keystone/cadf.ndjson');
    const [credential, ...others] = [...bench.correlator.tokens()];
    expect(others).toEqual([]);
    expect(credential).toMatchObject({ kind: 'service_account_key', issueSeen: true });
    expect(credential?.revokedAtMs).toBeGreaterThan(credential?.issuedAtMs as number);
  });
});
