import { asObject } from '../../outbound/answer.ts';
import type { AlertFacts } from '../alert-facts.ts';
import type { Template } from '../template.ts';
import { details, headline, jsonRequest } from './message.ts';

export interface JiraOptions {
  /** Of the site, such as `https://example.atlassian.net`. */
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** Key of the project. */
  readonly project: string;
  /** Name of the issue's type. */
  readonly issueType: string;
}

/**
 * One issue of Jira Cloud for each alert, known by a label and kept up to date. It is never moved to another state: workflows are the
 * site's own, and who closes an issue knows why.
 */
export function jiraTemplate({ url, authorization, project, issueType }: JiraOptions): Template {
  const headers = { authorization };
  const at = (path: string): string => new URL(`/rest/api/3/${path}`, url).href;
  return {
    urls: [url],
    create: (alert) => jsonRequest('POST', at('issue'), {
      fields: { project: { key: project }, issuetype: { name: issueType }, labels: ['tokenward', alert.key], ...fieldsOf(alert) },
    }, headers),
    change: {
      find: ({ key }) => jsonRequest('POST', at('search/jql'), {
        jql: `project = ${JSON.stringify(project)} AND labels = ${JSON.stringify(key)} ORDER BY created ASC`, maxResults: 1, fields: ['id'],
      }, headers),
      found: ({ issues }) => idOf(Array.isArray(issues) ? issues[0] : null),
      made: idOf,
      apply: (alert, id) => jsonRequest('PUT', at(`issue/${encodeURIComponent(id)}?notifyUsers=false`), { fields: fieldsOf(alert) }, headers),
    },
  };
}

function fieldsOf(alert: AlertFacts): object {
  const lines = details(alert).map(([name, value]) => paragraph(`${name}: `, value));
  const link = alert.url === null ? [] : [paragraph('In Tokenward: ', alert.url, [{ type: 'link', attrs: { href: alert.url } }])];
  return { summary: headline(alert, 255), description: { type: 'doc', version: 1, content: [...lines, ...link] } };
}

/** In Atlassian's document format text is text: no markup in it means anything. */
function paragraph(name: string, value: string, marks: readonly object[] = []): object {
  const text = { type: 'text', text: value, ...(marks.length === 0 ? {} : { marks }) };
  return { type: 'paragraph', content: [{ type: 'text', text: name, marks: [{ type: 'strong' }] }, text] };
}

function idOf(issue: unknown): string | null {
  const id = asObject(issue)?.['id'];
  return typeof id === 'string' && /^\d{1,20}$/.test(id) ? id : null;
}
