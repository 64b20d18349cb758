/** Runs of `replay` in this process or as a real program, and a folder for what they leave. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { replay } from '../../src/cli/replay/replay.ts';
import type { ReplayStatistics } from '../../src/cli/replay/statistics.ts';
import { loadFrom } from '../../src/cli/settings.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { root } from '../support/source.ts';
import { alertSchema, eventSchema, statisticsSchema, type AlertDocument, type EventDocument } from './documents.ts';

const own: string[] = [];
afterAll(() => {
  for (const folder of own) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, gone at the end of the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-end-to-end-'));
  own.push(folder);
  return folder;
}

/** Judges from the second address on: logs of seconds hold no history. */
export const eager = 'detectors:\n  unfamiliar-ip:\n    learn: 0\n';

export function configure(yaml: string): Configuration {
  const file = join(temporaryFolder(), 'tokenward.yaml');
  writeFileSync(file, yaml);
  return loadFrom(file, {});
}

export interface RunOptions {
  readonly yaml?: string;
  readonly dataDir?: string;
  readonly format?: string;
}

/** What one run left. Every alert and the statistics have passed their schemas by then. */
export interface Run {
  readonly statistics: ReplayStatistics;
  readonly alerts: readonly AlertDocument[];
  readonly alertsText: string;
  readonly eventsText: string;
  readonly quarantineText: string;
  readonly warnings: readonly string[];
}

export async function run(paths: readonly string[], options: RunOptions = {}): Promise<Run> {
  const folder = temporaryFolder();
  const outputs = { events: join(folder, 'events'), alerts: join(folder, 'alerts'), quarantine: join(folder, 'quarantine') };
  const warnings: string[] = [];
  const statistics = await replay({
    paths, configuration: configure(options.yaml ?? ''), format: options.format ?? null, dataDir: options.dataDir ?? null, outputs,
    progress: { update: () => undefined, done: () => undefined }, warn: (text) => warnings.push(text),
  });
  const [alertsText, eventsText, quarantineText] = [outputs.alerts, outputs.events, outputs.quarantine].map((file) => readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  statisticsSchema.parse(statistics);
  const alerts = documents(alertsText!).map((document) => alertSchema.parse(document));
  return { statistics, alerts, alertsText: alertsText!, eventsText: eventsText!, quarantineText: quarantineText!, warnings };
}

/** The JSON lines of an output. */
export function documents(text: string): unknown[] {
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

export function eventsOf({ eventsText }: Run): EventDocument[] {
  return documents(eventsText).map((document) => eventSchema.parse(document));
}

/** Of every process that is started. What one of them compiled the next ones find, which halves the time that they take to start. */
export const environment = { ...process.env, NO_COLOR: '1', TOKENWARD_DEBUG: undefined, NODE_COMPILE_CACHE: temporaryFolder() };
const program = join(root, 'src/main.ts');

/** The real program, to its end. */
export function tokenward(words: readonly string[], input?: string | Buffer): SpawnSyncReturns<string> {
  const cwd = temporaryFolder();
  return spawnSync(process.execPath, [program, ...words], { cwd, env: environment, encoding: 'utf8', maxBuffer: 1 << 28, ...(input === undefined ? {} : { input }) });
}

/** Larger data that stands beside the repository on some machines; `null` where it does not. */
export function sharedData(): string | null {
  const folder = join(root, '../shared/data');
  return existsSync(folder) ? folder : null;
}
