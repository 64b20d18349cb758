import type { OutboundRequest } from '../../outbound/client.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { clip } from '../formats/text.ts';

/** A request with a JSON body, or with none. */
export function jsonRequest(method: OutboundRequest['method'], url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): OutboundRequest {
  const plain = { accept: 'application/json', 'user-agent': 'tokenward', ...headers };
  if (body === null) return { method, url, headers: plain, body: null };
  return { method, url, headers: { 'content-type': 'application/json', ...plain }, body: JSON.stringify(body) };
}

/** One line that says what it is about, of at most so many characters. */
export function headline({ title, identityName, identityId, severityName }: AlertFacts, characters: number): string {
  const who = identityName ?? identityId;
  return clip(`[${severityName}] ${title}${who === null ? '' : `: ${who}`}`.replaceAll(/\s+/g, ' '), characters);
}

/** What people look at first, by name. Values hold strings of the logs: each service's template says how they stay plain text. */
export function details(alert: AlertFacts): (readonly [name: string, value: string])[] {
  const network = [alert.sourceIp, alert.asOrganization, alert.country].filter((part) => part !== null).join(', ');
  const values: readonly (readonly [string, string | null])[] = [
    ['What', alert.reason], ['Identity', alert.identityId ?? alert.identityName], ['Workload', alert.workload], ['Token', alert.handle ?? alert.fingerprint],
    ['From', network], ['Resource', alert.resource], ['Seen', `${iso(alert.startMs)} to ${iso(alert.endMs)}`], ['Events', String(alert.count)],
    ['Bytes out', String(alert.bytesOut)], ['Risk', String(Math.round(alert.riskScore))], ['Detector', alert.detector],
    ['ATT&CK', alert.techniques.filter(({ kind }) => kind !== 'tactic').map(({ id, name }) => `${id} ${name}`).join(', ')],
    ['Status', alert.status], ['Incident', alert.incidentId], ['Alert', alert.id],
  ];
  return values.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, clip(value, 1500)] as const]));
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
