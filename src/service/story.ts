import type { Alert } from '../model/alert.ts';
import type { Intent } from '../model/intent.ts';
import type { Token } from '../model/token.ts';
import type { TimelineEntry } from '../server/api/shapes.ts';
import type { RecordingStore } from '../store/recording-port.ts';

const maxTimeline = 500;
/** Objects of which the first touch is told: those that lost most. */
const maxTouched = 6;
/** Of the flight recorder's lines, so many are looked through for them. */
const lookedThrough = 200;
const maxMinted = 50;

type Told = Pick<Token, 'issuedAtMs' | 'handle' | 'fingerprint'>;

function entry(timeMs: number, kind: TimelineEntry['kind'], text: string, severity: number | null = null, bytesOut: number | null = null): TimelineEntry {
  return { timeMs, kind, text, severity, bytesOut };
}

/** What happened, in order: tokens issued, the first wrong use, what was touched and minted, how it grew, what was done and what proves it. */
export function storyOf(
  alerts: readonly Alert[], tokens: readonly Told[], intents: readonly Intent[], recordings: Pick<RecordingStore, 'touched' | 'minted'>,
): TimelineEntry[] {
  const entries = [
    ...tokens.filter(({ issuedAtMs }) => issuedAtMs !== null).map((token) => entry(token.issuedAtMs as number, 'issued', token.handle ?? token.fingerprint)),
    ...alerts.flatMap((alert) => [
      entry(alert.startMs, 'started', alert.detector, alert.severity),
      ...alert.announced.map(({ timeMs, reason, severity, bytesOut }) => entry(timeMs, 'announced', reason, severity, bytesOut)),
      entry(alert.endMs, 'last', alert.detector, alert.severity, alert.bytesOut),
    ]),
    ...recorded(alerts, recordings),
    ...intents.flatMap((intent) => momentsOf(intent).map(([timeMs, what]) => entry(timeMs, 'intent', `${intent.kind} by ${intent.action}: ${what}`))),
  ];
  return entries.sort((left, right) => left.timeMs - right.timeMs).slice(0, maxTimeline);
}

/** From the networks that deviate: the first touch of what was taken from most, and everything that was issued. */
function recorded(alerts: readonly Alert[], recordings: Pick<RecordingStore, 'touched' | 'minted'>): TimelineEntry[] {
  const incidentIds = [...new Set(alerts.map(({ incidentId }) => incidentId))];
  const theirs = new Set(alerts.flatMap(({ networks }) => networks));
  const isTheirs = ({ network }: { readonly network: string | null }): boolean => network !== null && theirs.has(network);
  const touched = recordings.touched(incidentIds, lookedThrough).filter((one) => isTheirs(one) && !one.isHop).slice(0, maxTouched);
  return [
    ...touched.map((one) => entry(one.firstMs, 'touched', [one.resource, one.object].filter((part) => part !== null).join(' · ') || 'something not named')),
    ...recordings.minted(incidentIds, maxMinted).filter(isTheirs).map((one) => entry(one.timeMs, 'minted', one.issuedHandle ?? one.issued)),
  ];
}

function momentsOf({ decidedMs, approvals, probedAliveMs, sentMs, acceptedMs, verifiedMs, kind }: Intent): [number, string][] {
  const moments: [number | null, string][] = [
    [decidedMs, 'proposed'], ...approvals.map(({ atMs, by }): [number, string] => [atMs, `approved by ${by}`]),
    [probedAliveMs, 'the token was seen alive'], [sentMs, 'sent'], [acceptedMs, 'accepted'],
    [verifiedMs, kind === 'notify' ? 'delivered' : 'proven to have taken effect'],
  ];
  return moments.filter((moment): moment is [number, string] => moment[0] !== null);
}
