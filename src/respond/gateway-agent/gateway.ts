import type { Denial } from '../../model/denial.ts';

/** A gateway beside the agent. */
export interface Gateway {
  /** Its kind and place, for the log. */
  readonly name: string;
  /**
   * Brings the entries into force. `before`: what it was brought last, as far as that is known. `version` is another for every other content.
   * Resolves once they are in force as far as the gateway can tell. Throws a `GatewayFault` where they are not; it may then be called again.
   */
  put(entries: readonly Denial[], before: readonly Denial[], version: string): Promise<Put>;
}

/** How many requests that were being answered were cut off. */
export interface Put { readonly cut: number }

/** Why a gateway has not what it was brought, in one of our fixed words. */
export class GatewayFault extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'GatewayFault';
    this.reason = reason;
  }
}
