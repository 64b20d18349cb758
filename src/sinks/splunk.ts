import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, objectOf } from '../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest, Send } from '../outbound/client.ts';
import { factsOf } from './alert-facts.ts';
import { ocsfFinding } from './formats/ocsf.ts';
import { httpVerdict, mendMs } from './http-verdict.ts';
import type { Built, Document, Outcome, Outgoing, Prepared, Sink } from './sink.ts';

export interface SplunkOptions {
  readonly name: string;
  /** Such as `https://splunk.example.com:8088`. */
  readonly url: string;
  readonly token: string;
  readonly index?: string;
  readonly sourceType: string;
  readonly format: 'ecs' | 'ocsf';
  /** Delivered is only what the indexers acknowledge: the token must be set up for that. */
  readonly acknowledge: boolean;
  /** Any UUID: acknowledgements are counted for each channel. */
  readonly channel: string;
  readonly productVersion: string;
  /** How often, and how long, it is asked for an acknowledgement. Default: each second, for a minute. */
  readonly askEveryMs?: number;
  readonly askForMs?: number;
}

/** Events as the collector takes them: JSON objects, one after the other. */
export type SplunkRequest = string;

/** `waited`: it was taken, and nobody acknowledged it in time. */
export type SplunkAnswer = { readonly kind: 'answered'; readonly answer: OutboundAnswer } | { readonly kind: 'waited' };

const maxRequestBytes = 512 * 1024;

/** Alerts to Splunk's HTTP Event Collector: each version worth telling is an event of its own, with the alert's id. */
export function splunkSink(options: SplunkOptions, send: Send): Sink<SplunkRequest, SplunkAnswer> {
  return {
    name: options.name, wants: 'told', lane: 'bulk', concurrency: 1, batchSize: 128,
    build: (documents) => buildSplunk(documents, options),
    send: (body, signal) => deliver(body, options, send, signal),
    classify: classifySplunk,
    close: () => Promise.resolve(),
  };
}

export function buildSplunk(documents: readonly Outgoing[], options: SplunkOptions): Built<SplunkRequest> {
  const prepared: (Prepared<SplunkRequest> & { documents: Outgoing[] })[] = [];
  let [body, inside]: [string, Outgoing[]] = ['', []];
  const finish = (): void => {
    if (inside.length > 0) prepared.push({ request: body, documents: inside });
    [body, inside] = ['', []];
  };
  for (const document of documents) {
    const event = splunkEvent(document, options);
    if (Buffer.byteLength(body) + Buffer.byteLength(event) > maxRequestBytes) finish();
    body += event;
    inside.push(document);
  }
  finish();
  return { prepared, unfit: [] };
}

function splunkEvent(outgoing: Outgoing, { index, sourceType, format, productVersion }: SplunkOptions): string {
  const alert = factsOf(outgoing);
  const event: Document = format === 'ecs' ? outgoing.document : ocsfFinding(alert, productVersion);
  const time = (alert.toldMs / 1000).toFixed(3);
  return JSON.stringify({ time, host: 'tokenward', source: 'tokenward', sourcetype: sourceType, ...(index === undefined ? {} : { index }), event });
}

async function deliver(body: string, options: SplunkOptions, send: Send, signal: AbortSignal): Promise<SplunkAnswer> {
  const answer = await send(splunkRequest('/services/collector/event', body, options), signal);
  const id = objectOf(answer)?.['ackId'];
  if (!options.acknowledge || httpVerdict(answer).kind !== 'done') return { kind: 'answered', answer };
  if (typeof id !== 'number') return { kind: 'answered', answer: { kind: 'failed', reason: 'no_acknowledgement' } };
  const { askEveryMs = 1000, askForMs = 60_000 } = options;
  for (let waitedMs = 0; waitedMs < askForMs && !signal.aborted; waitedMs += askEveryMs) {
    await sleep(askEveryMs, undefined, { signal }).catch(() => undefined);
    const told = await send(splunkRequest('/services/collector/ack', JSON.stringify({ acks: [id] }), options), signal);
    if (asObject(objectOf(told)?.['acks'])?.[String(id)] === true) return { kind: 'answered', answer };
  }
  return { kind: 'waited' };
}

function splunkRequest(path: string, body: string, { url, token, acknowledge, channel }: SplunkOptions): OutboundRequest {
  const headers = { authorization: `Splunk ${token}`, 'content-type': 'application/json', 'user-agent': 'tokenward' };
  const channelled = acknowledge ? { ...headers, 'x-splunk-request-channel': channel } : headers;
  return { method: 'POST', url: new URL(path, url).href, headers: channelled, body };
}

/** Codes of the collector about the token, the index or the channel: no matter of the events. */
const settings: Readonly<Record<number, string>> = {
  1: 'token_disabled', 2: 'token_required', 3: 'unauthorized', 4: 'unauthorized', 7: 'wrong_index', 10: 'channel_missing', 11: 'wrong_channel',
  14: 'acknowledgement_disabled',
};

export function classifySplunk(documents: readonly Outgoing[], told: SplunkAnswer): Outcome {
  if (told.kind === 'waited') return { kind: 'retry', reason: 'not_acknowledged' };
  const { answer } = told;
  const verdict = httpVerdict(answer);
  if (verdict.kind === 'done') return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
  const code = objectOf(answer)?.['code'];
  const setting = typeof code === 'number' ? settings[code] : undefined;
  if (setting !== undefined) return { kind: 'retry', reason: setting, afterMs: mendMs };
  if (verdict.kind === 'retry') return verdict;
  // One bad event refuses all beside it.
  return documents.length > 1 ? { kind: 'smaller', reason: verdict.reason, soon: true } : { kind: 'each', verdicts: [verdict] };
}
