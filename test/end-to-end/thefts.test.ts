import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eager, eventsOf, run, type Run } from './support.ts';

// Logs of real servers. In each, one of three machine tokens is stolen and used from another address; the truth stands beside.
const folder = join(import.meta.dirname, '../data/real-servers');
const thiefAddress = '127.66.6.6';
const thefts = [
  ['envoy', 'theft-access.ndjson'], ['haproxy', 'theft-access.ndjson'], ['keycloak', 'theft-events-rest.ndjson'],
  ['keycloak', 'theft-log-events.ndjson'], ['vault', 'theft-audit-accessor.ndjson'], ['vault', 'theft-audit-hmac.ndjson'],
] as const;
/** Its log holds only a hash of what the truth names. */
const unnamed = 'theft-audit-hmac.ndjson';

interface Truth {
  readonly stolen: { readonly key: string; readonly thief: { readonly ip: string } };
  readonly others: readonly { readonly key: string }[];
  readonly first_stolen_use: string;
  readonly revoked_at: string;
  readonly before: { readonly thief: { readonly 200: number } };
}
function truthOf(server: string): Truth {
  return JSON.parse(readFileSync(join(folder, server, 'theft-truth.json'), 'utf8')) as Truth;
}

/** Fingerprints that the thief's successful calls presented, as the events name them. */
function presentedByThief(result: Run): Set<string | undefined> {
  const calls = eventsOf(result).filter(({ source, event }) => source?.ip === thiefAddress && event.outcome === 'success');
  return new Set(calls.map(({ tokenward }) => tokenward.token.fingerprint));
}

describe.each(thefts)('%s, %s', (server, file) => {
  const path = join(folder, server, file);
  const truth = truthOf(server);

  test('the stolen token is named, and no other', async () => {
    const result = await run([path], { yaml: eager });
    expect(result.alerts.map(({ rule }) => rule.id)).toEqual(['unfamiliar-ip']);
    const [{ tokenward: { token, alert }, source, event }] = result.alerts as [Run['alerts'][number]];
    expect(presentedByThief(result)).toEqual(new Set([token.fingerprint]));
    expect(alert['tokens']).toEqual([token.fingerprint]);
    expect(token.handle).toBe(file === unnamed ? undefined : truth.stolen.key);
    expect(source?.ip).toBe(truth.stolen.thief.ip);
    expect(alert.count).toBe(truth.before.thief[200]);
    for (const other of truth.others) expect(result.alertsText).not.toContain(other.key);
    expect(event.created < truth.revoked_at).toBe(true);
    expect(event.start >= truth.first_stolen_use).toBe(true);
  });

  test('seconds of history are too little for the defaults', async () => {
    expect((await run([path])).alerts).toEqual([]);
  });
});

test('all of them together name the same tokens, one alert for each owner', async () => {
  const result = await run([folder], { yaml: eager });
  const alone: Run[] = [];
  for (const [server, file] of thefts) alone.push(await run([join(folder, server, file)], { yaml: eager }));
  const named = (runs: readonly Run[]): string[] => [...new Set(runs.flatMap(({ alerts }) => alerts.flatMap(({ tokenward }) => tokenward.alert['tokens'] as string[])))].sort();
  expect(named([result])).toEqual(named(alone));
  expect(named([result])).toHaveLength(5);
  const owners = result.alerts.map(({ tokenward }) => tokenward.identity?.id);
  expect(new Set(owners).size).toBe(owners.length);
  expect((await run([folder])).alerts).toEqual([]);
});
