import type { Outcome, TokenEvent, TokenKind, Vantage } from './event.ts';

/** One event of a lineage that has an alert, as the flight recorder keeps it: what was touched, and from where. */
export interface RecordedUse {
  /** Id of the incident that the lineage's first alert opened; it stays the same when incidents are joined. */
  readonly incidentId: string;
  readonly eventId: string;
  /** When the record was complete, ms. */
  readonly timeMs: number;
  /** Another log's record of a request that is recorded as well: its bytes are the same bytes. */
  readonly isHop: boolean;
  readonly vantage: Vantage;
  readonly token: string | null;
  readonly address: string | null;
  readonly network: string | null;
  readonly action: string | null;
  readonly resource: string | null;
  /** What stood in the variable places of a path; `null`: the log names no object. */
  readonly object: string | null;
  readonly bytesOut: number | null;
  readonly outcome: Outcome;
  /** Fingerprint, public id and kind of what it issued. */
  readonly issued: string | null;
  readonly issuedHandle: string | null;
  readonly issuedKind: TokenKind | null;
}

/** What of one incident's lineages did not fit any more. */
export interface RecordingTotals {
  readonly incidentId: string;
  /** Only grows. */
  readonly missedEvents: number;
  readonly missedBytes: number;
  /** When its last alert was closed or accepted, event time; `null`: it goes on. */
  readonly endedMs: number | null;
}

/** How an event is kept. */
export function recordedUse(incidentId: string, event: TokenEvent, isHop: boolean): RecordedUse {
  const { id, orderMs, vantage, token, sourceIp, sourceAddress, networkBlock, action, method, resourceId, objectId, bytesOut, outcome } = event;
  return {
    incidentId, eventId: id, timeMs: orderMs, isHop, vantage, token, address: sourceIp ?? sourceAddress, network: networkBlock, action: action ?? method,
    resource: resourceId ?? placeOf(event), object: objectId, bytesOut, outcome,
    issued: event.issued, issuedHandle: event.issuedHandle, issuedKind: event.issuedKind,
  };
}

function placeOf({ urlDomain, urlPath, service }: TokenEvent): string | null {
  return urlPath === null ? service : `${urlDomain ?? ''}${urlPath}`;
}
