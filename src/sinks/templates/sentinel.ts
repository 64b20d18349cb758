import type { AlertFacts } from '../alert-facts.ts';
import type { Template } from '../template.ts';
import { jsonRequest } from './message.ts';

export interface SentinelOptions {
  /** Of the data collection endpoint or rule, such as `https://alerts-abcd.westeurope-1.ingest.monitor.azure.com`. */
  readonly url: string;
  /** Immutable id of the data collection rule: `dcr-` and 32 digits. */
  readonly ruleId: string;
  /** Such as `Custom-Tokenward_CL`. */
  readonly stream: string;
}

/**
 * A row for each telling by the Logs Ingestion API of Azure Monitor, whose tables only grow: of an alert's rows the one with the highest `Version`
 * holds. `send` must show a token for `https://monitor.azure.com/.default`.
 */
export function sentinelTemplate({ url, ruleId, stream }: SentinelOptions): Template {
  const path = `/dataCollectionRules/${encodeURIComponent(ruleId)}/streams/${encodeURIComponent(stream)}?api-version=2023-01-01`;
  return { urls: [url], create: (alert) => jsonRequest('POST', new URL(path, url).href, [rowOf(alert)]) };
}

/** The columns that the table and the rule's stream must have: see docs/sinks.md. */
function rowOf(alert: AlertFacts): object {
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  return {
    TimeGenerated: iso(alert.toldMs), AlertId: alert.id, Version: alert.version, Status: alert.status, Title: alert.title, Reason: alert.reason,
    Detector: alert.detector, Severity: alert.severityName, RiskScore: alert.riskScore, Confidence: alert.confidence, StartTime: iso(alert.startMs),
    EndTime: iso(alert.endMs), EventCount: alert.count, BytesOut: alert.bytesOut, IncidentId: alert.incidentId, IdentityId: alert.identityId,
    IdentityName: alert.identityName, Workload: alert.workload, TokenFingerprint: alert.fingerprint, TokenHandle: alert.handle, SourceIp: alert.sourceIp,
    Country: alert.country, Resource: alert.resource, Techniques: alert.techniques.filter(({ kind }) => kind !== 'tactic').map(({ id }) => id),
    Url: alert.url,
  };
}
