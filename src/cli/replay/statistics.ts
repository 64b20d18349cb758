import type { TokenEvent } from '../../model/event.ts';
import type { Refusal } from '../../model/quarantine.ts';

/** What `--stats` writes. Names and meaning are part of the contract with scripts. */
export interface ReplayStatistics {
  records: number;
  events: number;
  duplicates: number;
  ignored: number;
  quarantined: number;
  alerts: number;
  incidents: number;
  /** Alerts that exceptions hid, where they hid any. */
  alerts_hidden?: number;
  intents: number;
  tokens: number;
  identities: number;
  workloads: number;
  bytes_in: number;
  seconds: number;
  cpu_seconds: number;
  max_rss_bytes: number;
  events_per_second: number;
  events_by_format: Record<string, number>;
  quarantined_by_reason: Record<string, number>;
  alerts_by_detector: Record<string, number>;
  first_event: string | null;
  last_event: string | null;
}

/** Adds one to a named counter; names come from fixed lists, so the object stays small. */
export function count(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}

/** What was counted while records were read and events processed. */
export class Tally {
  records = 0;
  ignoredRecords = 0;
  quarantined = 0;
  bytesIn = 0;
  /** Events handed to the engine. */
  offered = 0;
  repeated = 0;
  /** Events that came out of correlation. */
  emitted = 0;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  readonly eventsByFormat: Record<string, number> = {};
  readonly quarantinedByReason: Record<string, number> = {};

  event(event: TokenEvent): void {
    this.emitted++;
    count(this.eventsByFormat, event.dataset);
    this.firstMs = Math.min(this.firstMs, event.timeMs);
    this.lastMs = Math.max(this.lastMs, event.timeMs);
  }

  refuse({ reason }: Refusal): void {
    this.quarantined++;
    count(this.quarantinedByReason, reason);
  }

  /**
   * Every record is exactly one of event, duplicate, ignored, quarantined. What correlation absorbed (half
   * of a request) is ignored; half a request that an interrupted run had left waiting comes out as an event
   * of the record that this run counted as a duplicate.
   */
  counts(): Pick<ReplayStatistics, 'records' | 'events' | 'duplicates' | 'ignored' | 'quarantined'> {
    const absorbed = this.offered - this.repeated - this.emitted;
    return {
      records: this.records, events: this.emitted, duplicates: this.repeated + Math.min(0, absorbed),
      ignored: this.ignoredRecords + Math.max(0, absorbed), quarantined: this.quarantined,
    };
  }
}
