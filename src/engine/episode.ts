import type { Alert } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import { decodeJson } from '../state/json.ts';
import { stableId } from '../state/stable-id.ts';
import { addOnce } from './add-once.ts';
import { keyOf } from './keys.ts';

const maxEvidence = 25;
/** So many tokens, networks and resources each are remembered. */
export const maxFeatures = 16;
/** More than networks, severities and tenfold growths can bring about: none is left out. */
const maxAnnounced = 64;
/** A hit with this many times the bytes announced before is announced again. */
const announceFactor = 10;

/**
 * One detector's view of one deviating identity: the alert, and what sets the deviating events
 * apart. The alert ends by the clock of events; the shadow lives on until the change is judged or
 * accepted, so that a lasting change does not raise an alert every day.
 */
export interface Episode {
  alert: Alert;
  deviates: Finding['deviates'];
  lastHitMs: number;
  announcedBytes: number;
  /** Keys of scope `source+client` seen in hits, bounded: their shadows are accepted with the rest. */
  sourceClients: string[];
  /** When it grew last, ms, where that was in an earlier alert of the same; absent: when it was announced last. */
  grownMs?: number;
  /** What hits named as news, bounded; absent: they named nothing. */
  dedups?: string[];
  /** All hits so far rest on what nobody vouched for. */
  claimed?: true;
}

/** As a checkpoint stored it, also one of a version that knew fewer fields. */
export function decodeEpisode(bytes: Uint8Array): Episode {
  const episode = decodeJson<Episode>(bytes);
  episode.alert.handles ??= [];
  episode.alert.provenMs ??= null;
  return episode;
}

/** The episode that a first hit opens. */
export function open(detector: string, identity: string, event: TokenEvent, finding: Finding, late: boolean): Episode {
  const alert: Alert = {
    id: stableId('alert', detector, identity, event.id), version: 1, status: 'open', detector,
    severity: finding.severity, riskScore: riskScore(finding), surpriseBits: finding.surpriseBits, confidence: finding.confidence,
    reason: finding.reason, baseline: finding.baseline, observed: finding.observed,
    startMs: event.orderMs, endMs: event.orderMs, createdMs: event.orderMs,
    count: 1, bytesOut: event.bytesOut ?? 0, evidenceFirst: [event.id], evidenceLast: [], late,
    incidentId: '', mergedInto: null, first: { ...event }, tokens: [], handles: [], networks: [], resources: [], provenMs: null, announced: [],
  };
  addFeatures(alert, event, finding.claimed);
  announce(alert, event);
  const sourceClient = keyOf('source+client', event);
  return {
    alert, deviates: finding.deviates, lastHitMs: event.orderMs, announcedBytes: Math.max(1, alert.bytesOut),
    sourceClients: sourceClient === null ? [] : [sourceClient], ...finding.dedup === undefined ? {} : { dedups: [finding.dedup] },
    ...finding.claimed === undefined ? {} : { claimed: finding.claimed },
  };
}

/**
 * A new episode of what already deviates keeps the features, so that the same shadow serves. What comes again no larger than it was has not
 * grown since: else what hits every few days would never be accepted.
 */
export function inherit(episode: Episode, earlier: Episode): void {
  if (!isMore(episode.alert, earlier)) {
    episode.grownMs = grownMs(earlier);
    episode.announcedBytes = Math.max(episode.announcedBytes, earlier.announcedBytes);
  }
  for (const token of earlier.alert.tokens) addOnce(episode.alert.tokens, token, maxFeatures);
  for (const network of earlier.alert.networks) addOnce(episode.alert.networks, network, maxFeatures);
  for (const key of earlier.sourceClients) addOnce(episode.sourceClients, key, maxFeatures);
}

/** When it was last more than before, ms. */
export function grownMs({ grownMs: known, alert, lastHitMs }: Episode): number {
  return known ?? alert.announced.at(-1)?.timeMs ?? lastHitMs;
}

function isMore({ severity, bytesOut, networks }: Alert, { alert, announcedBytes }: Episode): boolean {
  const isElsewhere = alert.networks.length < maxFeatures && networks.some((network) => !alert.networks.includes(network));
  return severity > alert.severity || isElsewhere || bytesOut >= announceFactor * announcedBytes;
}

/** Adds the event to the alert's evidence. Returns whether it brought a network that was not named before. */
export function countIn({ alert, claimed }: Episode, event: TokenEvent): boolean {
  alert.count++;
  alert.version++;
  alert.startMs = Math.min(alert.startMs, event.orderMs);
  alert.endMs = Math.max(alert.endMs, event.orderMs);
  alert.bytesOut += event.bytesOut ?? 0;
  addEvidence(alert, event.id);
  return addFeatures(alert, event, claimed);
}

/** A further hit: the alert tells of the strongest, and is told again when it has grown. */
export function join(episode: Episode, event: TokenEvent, finding: Finding): void {
  const { alert } = episode;
  const stronger = finding.severity > alert.severity;
  if (finding.claimed === undefined) delete episode.claimed;
  const newNetwork = countIn(episode, event);
  const newFeature = finding.dedup === undefined ? newNetwork : addOnce(episode.dedups ??= [], finding.dedup, maxFeatures);
  if (stronger || finding.surpriseBits > alert.surpriseBits) {
    Object.assign(alert, { reason: finding.reason, baseline: finding.baseline, observed: finding.observed });
    alert.severity = Math.max(alert.severity, finding.severity);
    alert.surpriseBits = Math.max(alert.surpriseBits, finding.surpriseBits);
    alert.confidence = Math.max(alert.confidence, finding.confidence);
    alert.riskScore = Math.max(alert.riskScore, riskScore(finding));
  }
  episode.lastHitMs = Math.max(episode.lastHitMs, event.orderMs);
  if (stronger || newFeature || alert.bytesOut >= announceFactor * episode.announcedBytes) {
    announce(alert, event);
    episode.announcedBytes = Math.max(1, alert.bytesOut);
    episode.grownMs = event.orderMs;
  }
}

function announce(alert: Alert, event: TokenEvent): void {
  const { severity, reason, bytesOut } = alert;
  if (alert.announced.length < maxAnnounced) alert.announced.push({ timeMs: event.orderMs, severity, reason, bytesOut });
}

function addEvidence(alert: Alert, id: string): void {
  if (alert.evidenceFirst.length < maxEvidence) {
    alert.evidenceFirst.push(id);
    return;
  }
  alert.evidenceLast.push(id);
  if (alert.evidenceLast.length > maxEvidence) alert.evidenceLast.shift();
}

function addFeatures(alert: Alert, event: TokenEvent, claimed: true | undefined): boolean {
  if (event.authenticated === true && claimed === undefined) alert.provenMs = Math.max(alert.provenMs ?? event.orderMs, event.orderMs);
  addOnce(alert.tokens, event.token, maxFeatures);
  addOnce(alert.handles, event.tokenHandle, maxFeatures);
  const network = addOnce(alert.networks, event.networkBlock, maxFeatures);
  addOnce(alert.resources, event.resourceId, maxFeatures);
  return network;
}

/** 0 to 100: the severity, raised within its band by how far beyond belief the event was. */
function riskScore(finding: Finding): number {
  const ceiling = finding.severity === 21 ? 46 : finding.severity === 47 ? 72 : finding.severity === 73 ? 98 : 100;
  return Math.min(ceiling, finding.severity + Math.floor(finding.surpriseBits / 2));
}
