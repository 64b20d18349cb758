import type { TokenEvent } from '../model/event.ts';
import type { Correlator } from './correlator.ts';

/** What the registry and the inventory tell of an alert's event beyond the event. */
export interface Surroundings {
  /** Third party that holds the event's credential: by the inventory, else because it was only ever used from that party's networks. */
  vendorOf(event: TokenEvent): string | null;
  /** Whose token the event's token was issued from, where that is another identity's; `null` otherwise, and where its issuance was not read. */
  issuerOf(event: TokenEvent): string | null;
}

const noSuspects: ReadonlySet<string> = new Set();

/** `vendorNetworks`: block -> the vendor whose network the operator says it is. */
export function surroundingsOf(
  correlator: Pick<Correlator, 'token' | 'entryFor'> & { readonly dependents: Pick<Correlator['dependents'], 'of'> },
  vendorNetworks: ReadonlyMap<string, string>,
): Surroundings {
  const ofNetworks = ({ token, networkBlock }: TokenEvent): string | null => {
    if (token === null || vendorNetworks.size === 0) return null;
    const usual = correlator.dependents.of(token, noSuspects).flatMap(({ networks }) => networks).filter((block) => block !== networkBlock);
    const vendors = new Set(usual.map((block) => vendorNetworks.get(block) ?? null));
    return vendors.size === 1 ? [...vendors][0] as string | null : null;
  };
  return {
    vendorOf: (event) => correlator.entryFor(event)?.vendor ?? ofNetworks(event),
    issuerOf({ token, identityId }) {
      const known = token === null ? null : correlator.token(token);
      if (known === null || !known.issueSeen || known.parent === null) return null;
      const issuer = correlator.token(known.parent)?.identityId ?? null;
      return issuer === identityId ? null : issuer;
    },
  };
}
