import { createHash } from 'node:crypto';
import type { IncidentReport } from './incident.ts';
import type { FromLog } from './text.ts';

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{border:1px solid #c9d1d9;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f4f7}
.log{background:#fff3cd;border-bottom:1px dotted #8a6d00}code{font-size:.85em;overflow-wrap:anywhere}@media print{body{margin:0}}`;

/** Nothing may be loaded or run; the one style is known by its hash. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** What could change how the text around it reads: control characters, and those that turn its direction or take no room. */
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };

/** The report as one page without scripts, that asks for nothing else. Texts out of logs are marked as such and can never become markup. */
export function incidentPage(report: IncidentReport): string {
  const { incident, totals, audit } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<title>Incident ${escape(incident.id)}</title><style>${style}</style></head><body>
<h1>Incident ${escape(incident.id)}</h1>
<p>Texts that stood in logs look <span class="log">like this</span>: anybody may have written them. Times are UTC.</p>
${rows([incident])}${rows([totals])}
${section('Stages', report.stages)}
${section('Timeline', report.timeline)}
${section('Alerts', report.alerts)}
${section('Objects touched', report.objects)}
${section('Issued', report.issued)}
${section('Decided and done', report.decisions)}
<h2>Audit</h2>
<p>${chainWords(audit)} <code>tokenward audit verify --export FILE</code> writes the whole chain: the entries below stand in it
under the same numbers and hashes.</p>
${rows(audit.entries)}
${checkpointPart(audit)}
</body></html>
`;
}

function chainWords({ head, inOrder, fault }: IncidentReport['audit']): string {
  if (fault !== null) return `<strong>The audit chain is not in order from entry ${fault.number} on (${escape(fault.why)}).</strong>`;
  if (head === null) return 'The audit chain has no entries.';
  return `The audit chain is in order: ${inOrder} entries, the last with number ${head.number} and hash <code>${escape(head.hash)}</code>.`;
}

function checkpointPart({ proof }: IncidentReport['audit']): string {
  const checkpoints = proof?.checkpoints ?? [];
  if (checkpoints.length === 0) return '<p>No signed checkpoint covers them.</p>';
  return `<p>Signed checkpoints (Ed25519) that cover them, and the newest. The report as JSON holds the part of the chain that leads there:
<code>tokenward report verify FILE --key PUBLIC.pem</code> checks either form without anything of ours.</p>
${rows(checkpoints.map(({ number, hash, timeMs, keyId, signature }) => ({ number, hash, at: new Date(timeMs).toISOString(), keyId, signature })))}`;
}

function section(title: string, records: readonly object[]): string {
  return `<h2>${escape(title)}</h2>\n${records.length === 0 ? '<p>None.</p>' : rows(records)}`;
}

/** A table: one row for each record, a column for each of its keys. */
function rows(records: readonly object[]): string {
  const [first] = records;
  if (first === undefined) return '';
  const head = Object.keys(first).map((key) => `<th scope="col">${escape(words(key))}</th>`).join('');
  const body = records.map((record) => `<tr>${Object.values(record).map((value) => `<td>${cell(value)}</td>`).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cell).join('<br>');
  if (isFromLog(value)) return `<span class="log">${escape(value.fromLog)}</span>`;
  if (typeof value === 'object') return Object.values(value).map(cell).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : '';
  return escape(String(value as string | number));
}

function isFromLog(value: unknown): value is FromLog {
  return typeof value === 'object' && value !== null && 'fromLog' in value;
}

/** `bytesOut` is `bytes out`. */
function words(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function escape(text: string): string {
  return text.replace(unseen, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`).replace(/[&<>"']/g, (one) => escapes[one]!);
}
