import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../settings.ts';
import { Observer } from './observer.ts';
import { quietStory } from './quiet-story.ts';
import { Script } from './script.ts';
import type { Stage } from './stage.ts';
import { storyOne } from './story-one.ts';
import { storyTwo } from './story-two.ts';
import { makeEstate, type Estate } from './world/estate.ts';
import { World } from './world/world.ts';

/** A Tokenward that runs, on the configuration in the story's folder. */
export interface Tokenward {
  /** Path of a link that opens the page for one of the story's people once; `null`: the page asks for a token. */
  readonly link: string | null;
  stop(): Promise<void>;
}

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
  /** Called when everything else stands. */
  readonly beforeStart?: () => Promise<void>;
  /** Starts Tokenward as `run` does; in this process where nothing else is given. */
  readonly start?: (folder: string) => Promise<Tokenward>;
  /** See `Stage`. */
  readonly between?: Stage['between'];
  /** Another company than the seed's own. */
  readonly estate?: Estate;
  /** How long the plan may take, where nobody has to click. */
  readonly actWithinMs?: number;
  /** Ends the play wherever it is. */
  readonly signal?: AbortSignal;
}

const historyDays = 28;
/** The month end comes round only where there are months. */
const quietHistoryDays = 100;
const readWithinMs = 120_000;
const actWithinMs = 30_000;
const clickWithinMs = 3_600_000;

/** Sets the stage, plays, and answers whether everything really happened. What was begun is ended, also where it is broken off. */
export async function play(options: Play): Promise<boolean> {
  const { seed, folder, port, quiet, mode, signal } = options;
  const estate = options.estate ?? makeEstate(seed, Date.now());
  const script = new Script(options.write, estate.zoneMinutes);
  const world = await World.build({
    estate, folder, mode, listen: `127.0.0.1:${port}`, historyDays: quiet ? quietHistoryDays : historyDays,
    ...(quiet ? { rounds: new Map([[estate.own[2]!.clientId, { everyDays: 30, factor: 9 }]]) } : {}),
  }, `http://127.0.0.1:${port}`);
  let tokenward: Tokenward | null = null;
  try {
    signal?.throwIfAborted();
    await options.beforeStart?.();
    tokenward = await (options.start ?? startHere)(folder);
    const stage: Stage = {
      world, script, observer: new Observer(`http://127.0.0.1:${port}`, world.people.responder), breathMs: options.breathMs,
      actWithinMs: mode === 'approve' ? clickWithinMs : options.actWithinMs ?? actWithinMs, between: options.between ?? (async () => undefined),
    };
    await unless(signal, tell(stage, tokenward, options));
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    script.end();
    await world.close();
    await tokenward?.stop();
  }
  return script.failures.length === 0 && signal?.aborted !== true;
}

async function tell(stage: Stage, tokenward: Tokenward, options: Play): Promise<void> {
  await begin(stage, tokenward, options);
  await stage.between(stage);
  await stage.world.live();
  if (options.quiet) await quietStory(stage);
  else {
    await storyOne(stage);
    await storyTwo(stage);
  }
  await end(stage, options);
}

/** The work's end, or that of the patience with it: then it is left alone. */
async function unless(signal: AbortSignal | undefined, work: Promise<void>): Promise<void> {
  if (signal === undefined) return work;
  work.catch(() => undefined);
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => { stop = resolve; });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await Promise.race([work, stopped]);
  signal.removeEventListener('abort', stop);
}

/** As `run` does, with its log in a file. */
async function startHere(folder: string): Promise<Tokenward> {
  const [{ createLog }, { startService }] = await Promise.all([import('../../service/log.ts'), import('../../service/start.ts')]);
  const file = createWriteStream(join(folder, 'tokenward.log'));
  const log = createLog({ write: (line) => file.write(line) });
  const service = await startService(loadSettings(join(folder, 'tokenward.yaml')), log, async () => undefined);
  // Told when it is stopped: until then the story finds out by itself.
  const ended = service.ended.then(() => null, (error: unknown) => error as Error);
  return {
    link: service.openSession({ name: 'rosa', role: 'responder' }),
    async stop() {
      service.stop();
      const failure = await ended;
      log.flush();
      await new Promise((resolve) => { file.end(resolve); });
      if (failure !== null) throw failure;
    },
  };
}

async function begin({ world, observer, script }: Stage, { link }: Tokenward, { folder, port, mode }: Play): Promise<void> {
  script.title(`A company on this machine: ${world.estate.own.length + world.estate.sharing.length} workloads, two gateways, an authorization server`);
  script.tell(`logs, configuration and state: ${folder}`);
  script.tell(`live page: http://127.0.0.1:${port}${link ?? '/'}`);
  if (mode === 'approve') script.tell(`to approve elsewhere, show this API token: ${world.people.responder}`);
  const startedMs = Date.now();
  const read = await observer.until(readWithinMs, async () => {
    const { ready, lastEventMs } = await observer.status();
    return ready && lastEventMs !== null && lastEventMs >= world.historyEndMs ? true : null;
  });
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  script.check(`Tokenward has read the weeks before, ${world.historyCalls.toLocaleString('en')} calls`, read !== null, `${seconds} s`);
  script.check('and found nothing wrong in them', (await observer.alerts()).length === 0);
}

async function end({ world, script }: Stage, { once, folder, port }: Play): Promise<void> {
  script.blank();
  if (script.failures.length > 0) script.tell(`This did not go as it should: ${script.failures.join('; ')}. See ${folder}/tokenward.log`);
  else script.tell('Every step really happened.');
  if (once) return;
  script.tell(`It goes on living. Look around at http://127.0.0.1:${port}/ with the API token ${world.people.responder}; Ctrl-C ends it.`);
  await new Promise(() => undefined);
}
