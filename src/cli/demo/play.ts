import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { RunningService } from '../../service/start.ts';
import { loadSettings } from '../settings.ts';
import { Observer } from './observer.ts';
import { quietStory } from './quiet-story.ts';
import { Script } from './script.ts';
import { pause, storyOne, type Stage } from './story-one.ts';
import { storyTwo } from './story-two.ts';
import { makeEstate } from './world/estate.ts';
import { World } from './world/world.ts';

export interface Play {
  readonly seed: number;
  /** Empty and ours; it is left behind, to be looked at. */
  readonly folder: string;
  readonly port: number;
  readonly quiet: boolean;
  readonly once: boolean;
  readonly mode: 'approve' | 'enforce';
  readonly write: (text: string) => void;
  /** See `Stage`. */
  readonly breathMs: number;
}

const historyDays = 28;
/** The month end comes round only where there are months. */
const quietHistoryDays = 100;
const readWithinMs = 120_000;
const actWithinMs = 30_000;
const clickWithinMs = 3_600_000;

/** Sets the stage, plays, and answers whether everything really happened. */
export async function play(options: Play): Promise<boolean> {
  const { seed, folder, port, quiet, write } = options;
  const estate = makeEstate(seed, Date.now());
  const url = `http://127.0.0.1:${port}`;
  const script = new Script(write, estate.zoneMinutes);
  const world = await World.build({
    estate, folder, mode: options.mode, listen: `127.0.0.1:${port}`, historyDays: quiet ? quietHistoryDays : historyDays,
    ...(quiet ? { rounds: new Map([[estate.own[2]!.clientId, { everyDays: 30, factor: 9 }]]) } : {}),
  }, url);
  const service = await startTokenward(folder);
  try {
    const observer = new Observer(url, world.people.responder);
    const stage: Stage = {
      world, script, observer, breathMs: options.breathMs, actWithinMs: options.mode === 'approve' ? clickWithinMs : actWithinMs,
    };
    await begin(stage, options);
    await world.live();
    if (quiet) await quietStory(stage);
    else {
      await storyOne(stage);
      await storyTwo(stage);
    }
    await end(stage, options, url);
  } finally {
    await world.close();
    service.stop();
    await service.ended;
  }
  return script.failures.length === 0;
}

/** As `run` does, with its log in a file. */
async function startTokenward(folder: string): Promise<RunningService> {
  const [{ createLog }, { startService }] = await Promise.all([import('../../service/log.ts'), import('../../service/start.ts')]);
  const file = createWriteStream(join(folder, 'tokenward.log'));
  return startService(loadSettings(join(folder, 'tokenward.yaml')), createLog({ write: (line) => file.write(line) }), async () => undefined);
}

async function begin({ world, observer, script }: Stage, { folder, port, mode }: Play): Promise<void> {
  script.title(`A company on this machine: ${world.estate.own.length + world.estate.sharing.length} workloads, two gateways, an authorization server`);
  const startedMs = Date.now();
  const read = await observer.until(readWithinMs, async () => {
    const { ready, lastEventMs } = await observer.status();
    return ready && lastEventMs !== null && lastEventMs >= world.historyEndMs ? true : null;
  });
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  script.check(`Tokenward has read the weeks before, ${world.historyCalls.toLocaleString('en')} calls`, read !== null, `${seconds} s`);
  script.check('and found nothing wrong in them', (await observer.alerts()).length === 0);
  script.tell(`logs, configuration and state: ${folder}`);
  script.tell(`live page: http://127.0.0.1:${port}/`);
  if (mode === 'approve') script.tell(`to approve there, show this API token: ${world.people.responder}`);
}

async function end({ world, script, observer }: Stage, { once, folder }: Play, url: string): Promise<void> {
  script.blank();
  if (script.failures.length > 0) script.tell(`This did not go as it should: ${script.failures.join('; ')}. See ${folder}/tokenward.log`);
  else script.tell('Every step really happened.');
  if (once) return;
  script.tell(`It goes on living. Look around at ${url}/ with the API token ${world.people.responder}; Ctrl-C ends it.`);
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => { stopped = true; });
  }
  while (!stopped) await pause(200);
  await observer.status().catch(() => undefined);
}
