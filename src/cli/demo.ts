import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfiguration } from '../config/configuration.ts';
import { detectors } from '../../detectors/index.ts';
import { tellStory, type Story } from './demo/story.ts';
import { narrate, type AlertLine } from './demo/narrate.ts';
import { createProgress } from './progress.ts';
import { replay } from './replay/replay.ts';
import { UsageError } from './usage-error.ts';

/** Midnight after which the story's theft happens: fixed, so that a seed always tells the same. */
const endOfHistoryMs = Date.UTC(2026, 10, 20);

export function register(program: Command): void {
  program.command('demo')
    .description('the story of a stolen token, found in generated logs of a gateway and an identity provider')
    .option('--seed <number>', 'tell it with other tokens, times, sizes and addresses', '1')
    .action(async (options: { seed: string }) => {
      const seed = Number(options.seed);
      if (!Number.isInteger(seed) || seed < 0) throw new UsageError(`--seed takes a whole number, not ${options.seed}`);
      await demo(seed);
    });
}

async function demo(seed: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-demo-'));
  const story = tellStory(seed, endOfHistoryMs);
  const { alerts, seconds } = await watch(story, folder);
  for (const line of narrate(story, alerts, folder, seconds)) process.stdout.write(`${line}\n`);
}

/** Writes the logs and replays them with the shipped defaults, as anybody would. */
async function watch(story: Story, folder: string): Promise<{ alerts: AlertLine[]; seconds: number }> {
  await Promise.all([
    writeFile(join(folder, 'gateway.ndjson'), story.gatewayLog),
    writeFile(join(folder, 'identity-provider.ndjson'), story.iamLog),
    writeFile(join(folder, 'tokenward.yaml'), settings),
  ]);
  const configuration = loadConfiguration({ file: join(folder, 'tokenward.yaml'), environment: {}, detectors });
  const alertsFile = join(folder, 'alerts.ndjson');
  const statistics = await replay({
    paths: ['gateway.ndjson', 'identity-provider.ndjson'].map((name) => join(folder, name)),
    configuration, format: null, dataDir: null, progress: createProgress(), warn: () => undefined,
    outputs: { events: null, alerts: alertsFile, quarantine: null },
  });
  const lines = (await readFile(alertsFile, 'utf8')).trimEnd().split('\n').filter((line) => line !== '');
  return { alerts: lines.map((line) => JSON.parse(line) as AlertLine), seconds: statistics.seconds };
}

/** All that has to be said: the identity provider's log does not name the issuer under which the gateway sees its tokens. */
const settings = `sources:
  - name: gateway
    type: file
    paths: [gateway.ndjson]
    formats: [envoy.access]
  - name: identity-provider
    type: file
    paths: [identity-provider.ndjson]
    formats: [keycloak.events]
    issuers: ['https://sso.example.com/realms/shop']
`;
