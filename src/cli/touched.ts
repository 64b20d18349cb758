import type { Alert } from '../model/alert.ts';
import { touchedPage } from '../service/touched.ts';
import type { Known } from './known.ts';
import { bytesText } from './progress.ts';
import { table } from './table.ts';

/** More than the flight recorder keeps of one incident. */
const maxRows = 20_000;

/** Every object that the alert's lineage touched since its first alert, by network, and what was issued to it. */
export function touchedLines(alert: Alert, { store, correlator }: Known): string[] {
  const page = touchedPage(store.effects, [alert.incidentId], [alert], (token) => correlator.token(token), maxRows);
  if (page.events === 0) return ['Nothing was recorded of this alert.'];
  const { objects, minted, events, missedEvents, missedBytes } = page;
  return [
    table(['bytes out', 'events', 'refused', 'network', '', 'seen by', 'resource', 'object', 'first', 'last', 'token'], objects.map((one) => [
      bytesText(one.bytesOut), String(one.events), one.refused === 0 ? '' : String(one.refused), one.network ?? 'unknown', one.suspect ? 'deviates' : '',
      one.isHop ? `${one.vantage} (same requests)` : one.vantage, one.resource ?? 'unknown', one.object ?? '',
      moment(one.firstMs), moment(one.lastMs), one.token ?? '',
    ])),
    '', `${events} events${missedEvents === 0 ? ', all that there were' : `; ${missedEvents} more with ${bytesText(missedBytes)} did not fit`}.`, '',
    ...minted.length === 0 ? ['Nothing was issued to it.'] : ['Issued to it', table(['at', 'token', 'kind', 'by', 'from', '', 'state'], minted.map((one) => [
      moment(one.timeMs), one.handle ?? one.fingerprint, one.kind ?? '', one.action ?? '', one.network ?? 'unknown', one.suspect ? 'deviates' : '',
      one.revokedAtMs === null ? 'not known to be revoked' : `revoked ${moment(one.revokedAtMs)}`,
    ]))],
  ];
}

function moment(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
