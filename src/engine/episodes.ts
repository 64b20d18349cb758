import type { Binding } from '../correlate/registry.ts';
import type { Alert } from '../model/alert.ts';
import type { KeyScope } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { Entities } from '../state/port.ts';
import { stableId } from './ids.ts';
import { keyOf } from './keys.ts';

/** An episode ends after this long without a hit. */
export const episodeEndMs = 24 * 3_600_000;
/** What deviated and was left untouched for this long is accepted as normal. */
export const acceptAfterMs = 14 * 24 * 3_600_000;
/** An event this much older than the newest one is late: its alert is marked so. */
export const lateAfterMs = 3_600_000;

const maxEvidence = 25;
const maxFeatures = 16;
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
}

/** As a checkpoint stored it, also one of a version that knew fewer fields. */
export function decodeEpisode(bytes: Uint8Array): Episode {
  const episode = JSON.parse(new TextDecoder().decode(bytes)) as Episode;
  episode.alert.handles ??= [];
  episode.alert.provenMs ??= null;
  return episode;
}

/** Findings become episodes: the first hit opens an alert, later hits join it. */
export class Episodes {
  readonly #episodes: Entities<Episode>;
  /** Alert -> key of the episode that it is, or was, that of. Made when somebody first asks. */
  #keys: Map<string, string> | null = null;

  constructor(episodes: Entities<Episode>) {
    this.#episodes = episodes;
  }

  get size(): number {
    return this.#episodes.size;
  }

  /** The undecided episode of a detector on an identity, however long ago its last hit was. */
  of(detector: string, identity: string): Episode | undefined {
    return this.#episodes.get(episodeKey(detector, identity));
  }

  /** The undecided episode of an alert. */
  find(alertId: string): { readonly episode: Episode; readonly detector: string; readonly identity: string } | undefined {
    this.#keys ??= new Map(Array.from(this.#episodes.all(), ([key, { alert }]) => [alert.id, key]));
    const key = this.#keys.get(alertId);
    const episode = key === undefined ? undefined : this.#episodes.get(key);
    if (key === undefined || episode?.alert.id !== alertId) return undefined;
    const end = key.indexOf('|');
    return { episode, detector: key.slice(0, end), identity: key.slice(end + 1) };
  }

  /** Stores the episode, or says that it changed in place. */
  keep(detector: string, identity: string, episode: Episode): void {
    const key = episodeKey(detector, identity);
    this.#episodes.set(key, episode);
    if (this.#keys === null) return;
    // Alerts that are over stay in it for a while: what is found there is always compared.
    if (this.#keys.size > 2 * this.#episodes.size + 1000) this.#keys = null;
    else this.#keys.set(episode.alert.id, key);
  }

  /**
   * Does the event belong to what deviates in this episode? A deviating network is enough by itself. A deviating
   * token counts with its networks, because the workload it was stolen from uses it too; with more networks
   * than are remembered, by itself.
   */
  covers(episode: Episode, event: TokenEvent): boolean {
    const { tokens, networks } = episode.alert;
    const network = event.networkBlock === null || networks.includes(event.networkBlock);
    if (episode.deviates === 'network') return event.networkBlock !== null && network;
    const token = event.token === null ? tokens.length === 0 : tokens.includes(event.token);
    return token && (network || networks.length >= maxFeatures);
  }

  /** Has the episode ended by the time of this event? What deviates then still goes to the shadow. */
  ended(episode: Episode, event: TokenEvent): boolean {
    return event.orderMs - episode.lastHitMs > episodeEndMs;
  }

  /** Counts an event of what deviates that is no hit of its own. */
  follow(episode: Episode, detector: string, identity: string, event: TokenEvent): void {
    countIn(episode.alert, event);
    this.keep(detector, identity, episode);
  }

  /** Time at which what deviates is accepted if nobody says otherwise and it does not grow: a lasting change hits every day. */
  acceptsAt(episode: Episode): number {
    return (episode.alert.announced.at(-1)?.timeMs ?? episode.lastHitMs) + acceptAfterMs;
  }

  /** Keys that this episode keeps a shadow for. */
  keysOf(episode: Episode, scope: KeyScope, identity: string): readonly string[] {
    const { alert, sourceClients } = episode;
    switch (scope) {
      case 'identity': return [identity];
      case 'token': return alert.tokens;
      case 'source+client': return sourceClients;
      case 'resource': return alert.resources;
      default: {
        const key = keyOf(scope, alert.first);
        return key === null ? [] : [key];
      }
    }
  }

  /** Joins a finding to the open episode, or opens one. Returns the episode; `alert` has its new version. */
  hit(detector: string, identity: string, event: TokenEvent, finding: Finding, late: boolean): { episode: Episode; opened: boolean } {
    const known = this.of(detector, identity);
    if (known !== undefined && Math.abs(event.orderMs - known.lastHitMs) <= episodeEndMs) {
      join(known, event, finding);
      addBounded(known.sourceClients, keyOf('source+client', event));
      known.alert.late &&= late;
      this.keep(detector, identity, known);
      return { episode: known, opened: false };
    }
    const episode = open(detector, identity, event, finding, late);
    if (known !== undefined) inherit(episode, known);
    this.keep(detector, identity, episode);
    return { episode, opened: true };
  }

  close(detector: string, identity: string): void {
    this.#episodes.delete(episodeKey(detector, identity));
  }

  /** Moves an episode to the owner that its provisional one turned out to be. Returns it, amended. */
  rename(detector: string, provisionalId: string, owner: Binding): Episode | null {
    const episode = this.of(detector, provisionalId);
    if (episode === undefined) return null;
    this.close(detector, provisionalId);
    const { alert } = episode;
    alert.first.identityId = owner.identityId;
    alert.first.identityKind = owner.observations.at(-1)?.identityKind ?? alert.first.identityKind;
    alert.first.identityName ??= owner.identityName;
    if (alert.first.token !== null && alert.first.token === owner.formerToken) alert.first.token = owner.token;
    alert.tokens = [...new Set(alert.tokens.map((token) => (token === owner.formerToken ? owner.token : token)))];
    alert.version++;
    if (this.of(detector, owner.identityId) === undefined) this.keep(detector, owner.identityId, episode);
    return episode;
  }
}

export function episodeKey(detector: string, identity: string): string {
  return `${detector}|${identity}`;
}

function open(detector: string, identity: string, event: TokenEvent, finding: Finding, late: boolean): Episode {
  const alert: Alert = {
    id: stableId('alert', detector, identity, event.id), version: 1, status: 'open', detector,
    severity: finding.severity, riskScore: riskScore(finding), surpriseBits: finding.surpriseBits, confidence: finding.confidence,
    reason: finding.reason, baseline: finding.baseline, observed: finding.observed,
    startMs: event.orderMs, endMs: event.orderMs, createdMs: event.orderMs,
    count: 1, bytesOut: event.bytesOut ?? 0, evidenceFirst: [event.id], evidenceLast: [], late,
    incidentId: '', mergedInto: null, first: { ...event }, tokens: [], handles: [], networks: [], resources: [], provenMs: null, announced: [],
  };
  addFeatures(alert, event);
  announce(alert, event);
  const sourceClient = keyOf('source+client', event);
  return {
    alert, deviates: finding.deviates, lastHitMs: event.orderMs, announcedBytes: Math.max(1, alert.bytesOut),
    sourceClients: sourceClient === null ? [] : [sourceClient],
  };
}

/** A new episode of what already deviates keeps the features, so that the same shadow serves. */
function inherit(episode: Episode, earlier: Episode): void {
  for (const token of earlier.alert.tokens) addBounded(episode.alert.tokens, token);
  for (const network of earlier.alert.networks) addBounded(episode.alert.networks, network);
  for (const key of earlier.sourceClients) addBounded(episode.sourceClients, key);
}

/** Adds the event to the alert's evidence. Returns whether it brought a network that was not named before. */
function countIn(alert: Alert, event: TokenEvent): boolean {
  alert.count++;
  alert.version++;
  alert.startMs = Math.min(alert.startMs, event.orderMs);
  alert.endMs = Math.max(alert.endMs, event.orderMs);
  alert.bytesOut += event.bytesOut ?? 0;
  addEvidence(alert, event.id);
  return addFeatures(alert, event);
}

function join(episode: Episode, event: TokenEvent, finding: Finding): void {
  const { alert } = episode;
  const stronger = finding.severity > alert.severity;
  const newFeature = countIn(alert, event);
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

function addFeatures(alert: Alert, event: TokenEvent): boolean {
  if (event.authenticated === true) alert.provenMs = Math.max(alert.provenMs ?? event.orderMs, event.orderMs);
  addBounded(alert.tokens, event.token);
  addBounded(alert.handles, event.tokenHandle);
  const network = addBounded(alert.networks, event.networkBlock);
  addBounded(alert.resources, event.resourceId);
  return network;
}

function addBounded(list: string[], value: string | null): boolean {
  if (value === null || list.length >= maxFeatures || list.includes(value)) return false;
  list.push(value);
  return true;
}

/** 0 to 100: the severity, raised within its band by how far beyond belief the event was. */
function riskScore(finding: Finding): number {
  const ceiling = finding.severity === 21 ? 46 : finding.severity === 47 ? 72 : finding.severity === 73 ? 98 : 100;
  return Math.min(ceiling, finding.severity + Math.floor(finding.surpriseBits / 2));
}
