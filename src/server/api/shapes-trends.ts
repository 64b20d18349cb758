/* Shapes of the API that tell how things go over weeks. Times are epoch milliseconds, UTC, of events; spans are in milliseconds. */

/** What began in one week. Incidents that were all found to be false are counted, and left out of the sums. */
export interface TrendWeek {
  readonly startMs: number;
  readonly alerts: number;
  readonly incidents: number;
  readonly thefts: number;
  /** Alerts that were closed as false alarms or benign. */
  readonly falseAlerts: number;
  /** What left after the first wrong use. */
  readonly bytesOut: number;
  /** Medians. From the first wrong use to the first alert; to the first step that was proven; `null`: there was none. */
  readonly detectMs: number | null;
  readonly containMs: number | null;
  /** From the first wrong use to containment, else to the last one: how long the door stood open. */
  readonly exposureMs: number | null;
}

/** Of all credentials that were not revoked and have not ended. */
export interface CredentialShares {
  readonly total: number;
  readonly owned: number;
  /** Within the limit for its kind. */
  readonly withinTtl: number;
  /** Every use proved its workload. */
  readonly attested: number;
  /** Has an owner, a public id to end it by, and no second workload that would break with it. */
  readonly ready: number;
}

export interface Trends {
  /** The last 12, the oldest first, up to the newest event. */
  readonly weeks: readonly TrendWeek[];
  readonly credentials: CredentialShares;
}
