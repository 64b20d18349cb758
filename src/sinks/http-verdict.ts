import type { OutboundAnswer } from '../outbound/client.ts';
import type { Verdict } from './sink.ts';

/** Faults that somebody must mend over there or in the configuration; asking more often helps nobody. */
export const mendMs = 60_000;

/** Refusals of a moment, not of the alert. */
export const retriedStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const mendedStatuses: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found' };

/**
 * What an answer of a service means for one alert, by its status: what is wrong with our credentials or with the place that was configured
 * concerns all alerts alike, so they wait until somebody has mended it; what is wrong with the alert itself is refused.
 */
export function httpVerdict(answer: OutboundAnswer): Verdict {
  if (answer.kind === 'failed') return { kind: 'retry', reason: answer.reason, ...(answer.reason === 'credential_refused' ? { afterMs: mendMs } : {}) };
  const { status, retryAfterMs: afterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'done' };
  const mended = mendedStatuses[status];
  if (mended !== undefined) return { kind: 'retry', reason: mended, afterMs: mendMs };
  if (status >= 400 && status < 500 && !retriedStatuses.has(status)) return { kind: 'refused', reason: `http_${status}` };
  return { kind: 'retry', reason: `http_${status}`, ...(afterMs === undefined ? {} : { afterMs }) };
}
