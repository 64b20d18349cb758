import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { history, jobs, trailLine } from './providers/key-users.ts';
import { run, temporaryFolder } from './support.ts';

// From lines of CloudTrail to the plan for a stolen access key.
const nowMs = Date.UTC(2026, 10, 22, 12);
const [stolen, sibling] = ['AKIA111122223333EXPT', 'AKIA444455556666SIBL'] as const;
/** The range of a commercial VPN. */
const thief = { name: 'curl', address: '84.17.46.86' };

/** Four weeks of one job with this key, from this address. */
function work(key: string, address: string): string {
  const { address: usual } = jobs[0]!;
  return history(key, nowMs).split('\n').filter((line) => line.includes(`"${usual}"`)).map((line) => `${line.replaceAll(usual, address)}\n`).join('');
}

interface Step { readonly action: string; readonly refused: string | null; readonly keepNetworks: readonly string[]; readonly dependents: readonly { readonly networks: readonly string[] }[] }

async function planFor(logs: string): Promise<Step[]> {
  const folder = temporaryFolder();
  const [secret, trail] = [join(folder, 'secret'), join(folder, 'trail.ndjson')];
  writeFileSync(secret, 'x'.repeat(40));
  const theft = Array.from({ length: 40 }, (_, at) => trailLine(stolen, thief, nowMs + at * 20_000, false, { eventName: at % 2 === 0 ? 'GetCallerIdentity' : 'ListBuckets' }));
  writeFileSync(trail, `${logs}${theft.join('\n')}\n`);
  const aws = `type: aws, account_id: "123456789012", access_key_id: AKIAOURSOURSOURSOURS, secret_key_file: ${secret}`;
  const dataDir = join(folder, 'data');
  await run([trail], { dataDir, yaml: `policy:
  - { name: stolen-key, match: { token_kinds: [access_key] }, plan: [{ do: pin, by: aws-user }, { do: revoke, by: aws-keys }], mode: approve }
respond:
  actions:
    - { name: aws-user, call: user_keys, ${aws} }
    - { name: aws-keys, call: access_key, ${aws} }
` });
  const store = openStore(dataDir);
  const intents = store.effects.responses.intents({}).toSorted((left, right) => left.step - right.step);
  await store.close();
  return intents;
}

test('a stolen key is pinned first, then made inactive', async () => {
  const plan = await planFor(work(stolen, '198.18.0.7'));
  expect(plan.map(({ action, refused, keepNetworks }) => [action, refused, keepNetworks])).toEqual([['aws-user', null, ['198.18.0.0/24']], ['aws-keys', null, []]]);
});

test('users of the other key stand in the plan; where they are elsewhere it is refused', async () => {
  const [near] = await planFor(work(stolen, '198.18.0.7') + work(sibling, '198.18.0.9'));
  expect([near?.refused, near?.keepNetworks]).toEqual([null, ['198.18.0.0/24']]);
  const [far] = await planFor(work(stolen, '198.18.0.7') + work(sibling, '198.19.0.7'));
  expect([far?.refused, far?.keepNetworks]).toEqual(['other_key_elsewhere', ['198.18.0.0/24']]);
  expect(far?.dependents.flatMap(({ networks }) => networks).toSorted()).toEqual(['198.18.0.0/24', '198.19.0.0/24', '84.17.46.0/24']);
});
