import type { OutboundAnswer, OutboundRequest, Send } from '../../outbound/client.ts';
import type { Document } from '../sink.ts';
import { kibanaObjects } from './objects.ts';
import { promotionRule } from './rule.ts';
import { savedObjectLines } from './saved-object.ts';

export interface KibanaTarget {
  /** Without a slash at its end. */
  readonly url: string;
  readonly space: string;
  readonly index: string;
  /** Value of the `authorization` header; `null`: Kibana asks for none. */
  readonly authorization: string | null;
}

/** `reason`: a status or a fixed word. */
export interface KibanaResult {
  readonly step: { readonly kind: 'kibana' | 'rule'; readonly method: string; readonly path: string; readonly body: Document | string };
  readonly outcome: 'done' | 'failed' | 'planned';
  readonly reason: string | null;
}

const boundary = 'tokenward-saved-objects';
const importPath = '/api/saved_objects/_import?overwrite=true';
const rulesPath = '/api/detection_engine/rules';

function pathOf(space: string, path: string): string {
  return space === 'default' ? path : `/s/${encodeURIComponent(space)}${path}`;
}

function requestOf({ url, authorization }: KibanaTarget, method: 'POST' | 'PUT', path: string, body: string, type: string): OutboundRequest {
  const headers = { 'kbn-xsrf': 'tokenward', 'content-type': type, ...(authorization === null ? {} : { authorization }) };
  return { method, url: `${url}${path}`, headers, body };
}

/** The import of everything that is looked at; what is there already is put anew. */
export function importRequest(target: KibanaTarget): OutboundRequest {
  const head = 'Content-Disposition: form-data; name="file"; filename="tokenward.ndjson"\r\nContent-Type: application/ndjson';
  const body = `--${boundary}\r\n${head}\r\n\r\n${savedObjectLines(kibanaObjects(target))}\r\n--${boundary}--\r\n`;
  return requestOf(target, 'POST', pathOf(target.space, importPath), body, `multipart/form-data; boundary=${boundary}`);
}

/** `PUT` changes a rule that is there. */
export function ruleRequest(target: KibanaTarget, method: 'POST' | 'PUT'): OutboundRequest {
  return requestOf(target, method, pathOf(target.space, rulesPath), JSON.stringify(promotionRule(target.index)), 'application/json');
}

/** Puts objects and rule in place, or with `send: null` only says what it would put. Never throws; what went wrong is in the results. */
export async function setupKibana(target: KibanaTarget, send: Send | null): Promise<KibanaResult[]> {
  const { space, index } = target;
  const lines = savedObjectLines(kibanaObjects({ index }));
  const objects = { kind: 'kibana', method: 'POST', path: pathOf(space, importPath), body: lines } as const;
  const rule = { kind: 'rule', method: 'POST', path: pathOf(space, rulesPath), body: promotionRule(index) } as const;
  if (send === null) return [objects, rule].map((step) => ({ step, outcome: 'planned', reason: null }));
  const { signal } = new AbortController();
  const imported = failureOf(await send(importRequest(target), signal));
  let answer = await send(ruleRequest(target, 'POST'), signal);
  if (answer.kind === 'answered' && answer.status === 409) answer = await send(ruleRequest(target, 'PUT'), signal);
  return [resultOf(objects, imported), resultOf(rule, failureOf(answer))];
}

function resultOf(step: KibanaResult['step'], reason: string | null): KibanaResult {
  return { step, outcome: reason === null ? 'done' : 'failed', reason };
}

/** An import that failed in part is answered with 200. */
function failureOf(answer: OutboundAnswer): string | null {
  if (answer.kind === 'failed') return answer.reason;
  if (answer.status < 200 || answer.status > 299) return `http_${answer.status}`;
  return /"success"\s*:\s*false/.test(answer.body ?? '') ? 'refused_in_part' : null;
}
