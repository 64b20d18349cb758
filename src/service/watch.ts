import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/configuration.ts';
import type { HeartbeatSettings } from '../config/watch-schema.ts';
import { canaryFinder } from '../model/canary.ts';
import type { TokenEvent } from '../model/event.ts';
import { checkedClient } from '../outbound/client.ts';
import type { Timing } from '../outbound/timing.ts';
import type { CanaryView } from '../server/api/shapes.ts';
import { Canaries } from './canaries.ts';
import { canaryUses, keepCanaryUses, type NoteStore } from './canary-notes.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What watches the service itself: the canaries and the dead man's switch. */
export interface Watch {
  /** Called for each event. */
  readonly seen: (event: TokenEvent) => void;
  readonly committed: () => void;
  canaries(): readonly CanaryView[];
  start(isReady: () => boolean): void;
  stop(): void;
}

export interface WatchParts {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly timing: Timing;
  /** Where it is kept when canaries were seen, for who looks from outside; asked for once events come. */
  readonly notes: () => NoteStore;
}

/** Throws an `Error` in plain words where the heartbeat's address cannot be used. */
export function makeWatch({ canaries, server: { heartbeat: settings } }: Configuration, parts: WatchParts): Watch {
  const watched = makeCanaries(canaries, parts);
  let isReady = (): boolean => false;
  const heartbeat = settings === null ? null : makeHeart(settings, () => isReady() && watched.missing.length === 0, parts);
  return {
    seen: canaries.length === 0 ? () => undefined : (event) => watched.seen(event),
    committed: () => watched.committed(),
    canaries: () => (canaries.length === 0 ? [] : watched.views(canaryUses(parts.notes()))),
    start(ready) {
      isReady = ready;
      watched.start();
      heartbeat?.start();
    },
    stop() {
      watched.stop();
      heartbeat?.stop();
    },
  };
}

function makeCanaries(canaries: Configuration['canaries'], { metrics, log, timing, notes }: WatchParts): Canaries {
  return new Canaries({
    canaries, timing, find: canaryFinder(canaries),
    onUse: ({ name }, delayMs) => metrics.observe('tokenward_canary_delay_seconds', { canary: name }, delayMs / 1000),
    onStored: (uses) => keepCanaryUses(notes(), uses),
    onMissing({ name, source }, isMissing, changed) {
      metrics.set('tokenward_canary_missing', { canary: name }, isMissing ? 1 : 0);
      if (!changed) return;
      if (!isMissing) return log.warn('canary_back', 'A canary is seen again.', { source, intent: name });
      metrics.count('tokenward_pages_total', { reason: 'canary_missing' });
      log.error('page_canary_missing', 'A canary is not seen in time: its log, the way from there or this service stands still.', { source, intent: name });
    },
  });
}

/** Where the heartbeat goes, which may stand in a file of its own. Throws what reading that throws. */
export function heartbeatUrl({ url, urlFile }: HeartbeatSettings): string {
  return url ?? readFileSync(urlFile as string, 'utf8').trim();
}

function makeHeart(settings: HeartbeatSettings, isWell: () => boolean, { metrics, log, timing }: WatchParts): Heartbeat {
  const { everyMs, allowPrivate, caFile } = settings;
  const address = heartbeatUrl(settings);
  const outbound = { urls: [address], allowPrivate, ...(caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') }) };
  let last = 'sent';
  return new Heartbeat({
    url: address, everyMs, timing, isWell, send: checkedClient('the URL of server.heartbeat', outbound),
    onBeat(beat, reason) {
      metrics.count('tokenward_heartbeats_total', { result: beat });
      if (beat !== last && reason !== null) log.warn('heartbeat', 'The heartbeat was not sent.', { reason });
      if (beat !== last && reason === null) log.info('heartbeat', 'The heartbeat is sent again.');
      last = beat;
    },
  });
}
