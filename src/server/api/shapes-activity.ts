/* Shapes of the API that tell what happened when. Times are epoch milliseconds, UTC. */

/** What an identity did in equal steps of time; place `i` covers [startMs + i * stepMs, + stepMs). Steps before it was first seen are 0. */
export interface Series {
  readonly startMs: number;
  readonly stepMs: number;
  readonly bytesOut: readonly number[];
  readonly calls: readonly number[];
}

/** The picture's background: hours for what is usual, minutes for what happens now. `null`: nothing is kept of it any more. */
export interface ActivityView {
  readonly identityId: string;
  readonly hours: Series;
  /** From shortly before the alert began, at most the last 2 hours; empty where those are past the alert. */
  readonly minutes: Series;
}

/** One thing that happened, in order of event time, steps of the response in between by the wall clock. */
export interface TimelineEntry {
  readonly timeMs: number;
  readonly kind: 'issued' | 'started' | 'touched' | 'minted' | 'announced' | 'intent' | 'last';
  readonly text: string;
  readonly severity: number | null;
  readonly bytesOut: number | null;
}
