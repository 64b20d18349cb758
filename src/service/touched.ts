import type { Alert } from '../model/alert.ts';
import type { TouchedPage } from '../server/api/shapes.ts';
import type { EffectsStore } from '../store/port.ts';

const maxMinted = 500;

/** What is known of a token by now. */
export type KnownToken = (fingerprint: string) => { readonly handle: string | null; readonly revokedAtMs: number | null } | null;

/** What the flight recorder has of incidents, those named as alerts name theirs. `alerts`: whose networks are the supposed thief's. */
export function touchedPage(
  { recordings }: Pick<EffectsStore, 'recordings'>, incidentIds: readonly string[], alerts: readonly Pick<Alert, 'networks'>[],
  token: KnownToken, limit: number,
): TouchedPage {
  const theirs = new Set(alerts.flatMap(({ networks }) => networks));
  const isSuspect = (network: string | null): boolean => network !== null && theirs.has(network);
  const nameOf = (fingerprint: string | null): string | null => (fingerprint === null ? null : token(fingerprint)?.handle ?? fingerprint);
  const { lines, ...totals } = recordings.totals(incidentIds);
  return {
    objects: recordings.touched(incidentIds, limit).map((one) => ({ ...one, token: nameOf(one.token), suspect: isSuspect(one.network) })),
    total: lines,
    minted: recordings.minted(incidentIds, maxMinted).map(({ timeMs, issued, issuedHandle, issuedKind, action, network, token: shown }) => ({
      timeMs, fingerprint: issued, handle: issuedHandle, kind: issuedKind, action, network, suspect: isSuspect(network), token: nameOf(shown),
      revokedAtMs: token(issued)?.revokedAtMs ?? null,
    })),
    ...totals,
  };
}
