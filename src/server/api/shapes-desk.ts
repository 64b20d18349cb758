import type { ClosedAs } from '../../model/alert.ts';
import type { TokenKind, Vantage } from '../../model/event.ts';

/* Shapes of the API for whoever works on alerts: what the flight recorder has, and what people said. Times are epoch milliseconds, UTC. */

/** What was done with one object from one network, as one kind of log tells it. */
export interface TouchedView {
  /** `null`: the log names none. */
  readonly resource: string | null;
  readonly object: string | null;
  readonly network: string | null;
  /** The network is one of the alerts' own: this was the supposed thief. */
  readonly suspect: boolean;
  readonly vantage: Vantage;
  /** Another log's record of requests that are told of as well: their bytes are the same bytes. */
  readonly isHop: boolean;
  /** Public id of the token, else its fingerprint. */
  readonly token: string | null;
  readonly events: number;
  readonly refused: number;
  readonly bytesOut: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A token that was issued since the first alert, to whoever showed one of its lineage. */
export interface MintedView {
  readonly timeMs: number;
  readonly fingerprint: string;
  readonly handle: string | null;
  readonly kind: TokenKind | null;
  /** By which operation, from where, with which token. */
  readonly action: string | null;
  readonly network: string | null;
  readonly suspect: boolean;
  readonly token: string | null;
  readonly revokedAtMs: number | null;
}

/** Everything that a lineage did since its first alert, until that was closed. */
export interface TouchedPage {
  /** What took most bytes first. */
  readonly objects: readonly TouchedView[];
  /** How many there are. */
  readonly total: number;
  readonly minted: readonly MintedView[];
  /** Events that are kept, and that did not fit any more. */
  readonly events: number;
  readonly missedEvents: number;
  readonly missedBytes: number;
  /** When it ended with the last alert; `null`: it goes on. */
  readonly endedMs: number | null;
}

/** Alerts for which it was done; each follows over the live stream. */
export interface LineageAnswer { readonly alertIds: readonly string[] }

/** What people say of an alert. */
export interface TriageView {
  /** Account that looks after it. */
  readonly owner: string | null;
  /** As what it was closed. */
  readonly closedAs: ClosedAs | null;
  /** Until then nobody is told of more of the same. */
  readonly quietUntilMs: number | null;
}

/** Where people look further, as the operator configured it; `null`: nothing is. */
export interface LinksView {
  /** This alert on the page, by its public name. */
  readonly page: string | null;
  readonly runbook: string | null;
  /** A search in the SIEM. */
  readonly siem: string | null;
}
