import type { Alert } from '../model/alert.ts';

/** Which alerts a sink gets; what is absent lets all through. */
export interface SinkFilter {
  /** Ids of detectors and of the operator's rules. */
  readonly detectors?: readonly string[] | undefined;
  /** At least. */
  readonly severity?: number | undefined;
  /** The token's line in the inventory has one of them. */
  readonly labels?: readonly string[] | undefined;
}

/** Does the sink want the alert as it is now? `labels` are asked for only where the filter names some. */
export function isWanted(alert: Alert, { detectors, severity, labels }: SinkFilter, labelsOf: (alert: Alert) => readonly string[]): boolean {
  if (severity !== undefined && alert.severity < severity) return false;
  if (detectors !== undefined && !detectors.includes(alert.detector)) return false;
  return labels === undefined || labelsOf(alert).some((label) => labels.includes(label));
}
