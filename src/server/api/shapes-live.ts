import type { AlertSummary, IncidentSummary, IntentView } from './shapes.ts';
import type { Role, Status } from './shapes-service.ts';

/**
 * Messages of `/ws`. `cursor`: once this message was seen, `?cursor=` with it goes on without a gap. The newest state of each thing is
 * told, so one that is already known in this or a higher version may come again.
 */
export type Message =
  /** First, always. */
  | { readonly type: 'hello'; readonly cursor: number; readonly account: string; readonly role: Role; readonly status: Status }
  | { readonly type: 'alert'; readonly cursor: number; readonly alert: AlertSummary }
  | { readonly type: 'incident'; readonly cursor: number; readonly incident: IncidentSummary }
  | { readonly type: 'intent'; readonly cursor: number; readonly intent: IntentView }
  /** At least every 5 s: without it the page knows that it has lost touch. */
  | { readonly type: 'status'; readonly cursor: number; readonly status: Status }
  /**
   * What changed after `from` up to `cursor` is left out, because the reader was too slow or its cursor is of another store: load the
   * lists again. Who wants each change opens the stream anew with `?cursor=` and `from`.
   */
  | { readonly type: 'resync'; readonly cursor: number; readonly from: number };
