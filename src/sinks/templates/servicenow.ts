import { asObject } from '../../outbound/answer.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { clip } from '../formats/text.ts';
import type { Template } from '../template.ts';
import { details, headline, jsonRequest } from './message.ts';

export interface ServiceNowOptions {
  /** Of the instance, such as `https://example.service-now.com`. */
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** `incident`, or `sn_si_incident` with Security Incident Response. */
  readonly table: string;
}

const maxTextLength = 4000;

/** One record for each alert by the Table API, known by `correlation_id` and kept up to date. Its state stays as people set it. */
export function serviceNowTemplate({ url, authorization, table }: ServiceNowOptions): Template {
  const headers = { authorization };
  const at = (path: string, query: Readonly<Record<string, string>>): string =>
    new URL(`/api/now/table/${encodeURIComponent(table)}${path}?${new URLSearchParams(query).toString()}`, url).href;
  const fields = { sysparm_fields: 'sys_id' };
  return {
    urls: [url],
    create: (alert) => jsonRequest('POST', at('', fields), { ...fieldsOf(alert), correlation_id: alert.key, correlation_display: 'Tokenward' }, headers),
    change: {
      find: ({ key }) => jsonRequest('GET', at('', { sysparm_query: `correlation_id=${key}`, sysparm_limit: '1', ...fields }), null, headers),
      found: ({ result }) => idOf(Array.isArray(result) ? result[0] : null),
      made: ({ result }) => idOf(result),
      apply: (alert, id) => jsonRequest('PATCH', at(`/${id}`, fields), { ...fieldsOf(alert), work_notes: noteOf(alert) }, headers),
    },
  };
}

/** Impact and urgency go from 1, the highest, to 3; the instance makes the priority of both. */
function fieldsOf(alert: AlertFacts): object {
  const grade = { critical: '1', high: '1', medium: '2', low: '3' }[alert.severityName];
  const lines = details(alert).map(([name, value]) => `${name}: ${value}`);
  return {
    short_description: headline(alert, 160), description: clip([...(alert.url === null ? [] : [alert.url]), ...lines].join('\n'), maxTextLength),
    impact: alert.severityName === 'critical' ? '1' : grade === '1' ? '2' : grade, urgency: grade,
  };
}

/** `[code]` would make markup of what follows it. */
function noteOf({ status, count, reason }: AlertFacts): string {
  return clip(`Tokenward: ${status}, ${count} events. ${reason}`, maxTextLength).replaceAll(/\[(\/?code)\]/gi, '($1)');
}

function idOf(row: unknown): string | null {
  const id = asObject(row)?.['sys_id'];
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : null;
}
