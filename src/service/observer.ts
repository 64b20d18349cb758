import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Observer } from './service.ts';

/** What the loop tells, as metrics and log lines. */
export function makeObserver(log: Log, metrics: Metrics, nowMs: () => number): Observer {
  const stopped = new Map<string, number>();
  return {
    taken(source, { events, ignored, refusals, bytes, capped, timeMs }, repeated) {
      const outcomes = { event: events.length - repeated, duplicate: repeated, ignored, quarantined: refusals.length };
      for (const [outcome, count] of Object.entries(outcomes)) if (count > 0) metrics.count('tokenward_records_total', { source, outcome }, count);
      metrics.count('tokenward_read_bytes_total', { source }, bytes);
      if (capped > 0) metrics.count('tokenward_capped_events_total', {}, capped);
      if (events.length > 0) metrics.observe('tokenward_event_delay_seconds', {}, Math.max(0, nowMs() - timeMs) / 1000);
    },
    committed: (tookMs) => metrics.observe('tokenward_commit_seconds', {}, tookMs / 1000),
    checkpointed(tookMs) {
      metrics.observe('tokenward_checkpoint_seconds', {}, tookMs / 1000);
      metrics.set('tokenward_last_checkpoint_timestamp_seconds', {}, nowMs() / 1000);
    },
    stopped(feed, source, reason) {
      stopped.set(source, (stopped.get(source) ?? 0) + 1);
      metrics.set('tokenward_feeds_stopped', { source }, stopped.get(source) ?? 0);
      log.error('feed_stopped', 'A feed stopped; somebody must look.', { feed, source, reason });
    },
    note: (action, message) => log.warn(action, message),
  };
}
