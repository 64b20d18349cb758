import type { Log } from './log.ts';
import type { Metrics, Tally } from './metrics.ts';
import type { Observer } from './parts.ts';

/** What the loop tells, as metrics and log lines. */
export function makeObserver(log: Log, metrics: Metrics, nowMs: () => number): Observer {
  const stopped = new Map<string, Set<string>>();
  metrics.set('tokenward_recovery_diverged', {}, 0);
  const tallies = new Map<string, SourceTallies>();
  const capped = metrics.tally('tokenward_capped_events_total', {});
  let oldestMs = Number.POSITIVE_INFINITY;
  return {
    taken(source, parcel, repeated) {
      let own = tallies.get(source);
      if (own === undefined) tallies.set(source, own = talliesOf(metrics, source));
      own.event.sum += parcel.events.length - repeated;
      own.duplicate.sum += repeated;
      own.ignored.sum += parcel.ignored;
      own.quarantined.sum += parcel.refusals.length;
      own.bytes.sum += parcel.bytes;
      capped.sum += parcel.capped;
      if (parcel.events.length > 0) oldestMs = Math.min(oldestMs, parcel.timeMs);
    },
    committed(tookMs) {
      metrics.observe('tokenward_commit_seconds', {}, tookMs / 1000);
      if (oldestMs !== Number.POSITIVE_INFINITY) metrics.observe('tokenward_event_delay_seconds', {}, Math.max(0, nowMs() - oldestMs) / 1000);
      oldestMs = Number.POSITIVE_INFINITY;
    },
    checkpointed(tookMs) {
      metrics.observe('tokenward_checkpoint_seconds', {}, tookMs / 1000);
      metrics.set('tokenward_last_checkpoint_timestamp_seconds', {}, nowMs() / 1000);
    },
    stopped(feed, source, reason) {
      const own = stopped.get(source) ?? new Set();
      stopped.set(source, own.add(feed));
      metrics.set('tokenward_feeds_stopped', { source }, own.size);
      log.error('feed_stopped', 'A feed stopped; somebody must look: see "tokenward feeds".', { feed, source, reason });
    },
    wentOn(feed, source) {
      stopped.get(source)?.delete(feed);
      metrics.set('tokenward_feeds_stopped', { source }, stopped.get(source)?.size ?? 0);
      log.warn('feed_went_on', 'An operator let a stopped feed go on; the reason is kept with the decision.', { feed, source });
    },
    diverged() {
      metrics.set('tokenward_recovery_diverged', {}, 1);
      log.warn('recovery_diverged', 'After the last start the records came in another order than before it: what was seen just before it may be judged anew.');
    },
    note: (action, message) => log.warn(action, message),
  };
}

interface SourceTallies { readonly event: Tally; readonly duplicate: Tally; readonly ignored: Tally; readonly quarantined: Tally; readonly bytes: Tally }

function talliesOf(metrics: Metrics, source: string): SourceTallies {
  const records = (outcome: string): Tally => metrics.tally('tokenward_records_total', { source, outcome });
  return {
    event: records('event'), duplicate: records('duplicate'), ignored: records('ignored'), quarantined: records('quarantined'),
    bytes: metrics.tally('tokenward_read_bytes_total', { source }),
  };
}
