import { objectOf } from '../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest, Send } from '../outbound/client.ts';
import { factsOf, type AlertFacts } from './alert-facts.ts';
import { httpVerdict } from './http-verdict.ts';
import { only, type Outcome, type Sink, type Verdict } from './sink.ts';

type Json = Readonly<Record<string, unknown>>;

/** How alerts become the messages, cards or tickets of a service that knows nothing of us. All of it is pure. */
export interface Template {
  /** Where it speaks to; requests go to these hosts only. */
  readonly urls: readonly string[];
  /** What is sent for an alert, and sent again when it changed: the service itself, or who reads it, knows by `alert.key` what belongs together. */
  create(alert: AlertFacts): OutboundRequest;
  /** Where one alert is to stay one thing and the service does not see to that itself. */
  readonly change?: Change;
  /** Where the status alone does not tell. `answer` is its body, `null` where that is no JSON object. */
  verdict?(answer: Json | null): Verdict;
  /** Longest answer that it needs to read. Default: 64 KiB. */
  readonly maxAnswerBytes?: number;
}

/** How a thing made earlier is found, by us or by the life before this one, and changed. */
export interface Change {
  find(alert: AlertFacts): OutboundRequest;
  /** What `find` found: the service's own name of it, `null` where there is none. */
  found(answer: Json, alert: AlertFacts): string | null;
  /** The service's own name of what was just created. */
  made(answer: Json): string | null;
  apply(alert: AlertFacts, reference: string): OutboundRequest;
  /** Does the answer to `apply` say that it was deleted there? 404 says so anyway. */
  isGone?(answer: Json): boolean;
}

/** The answer that decides. `nothing`: an alert that was closed before anything was made of it. */
export type TemplateAnswer = { readonly kind: 'answered'; readonly answer: OutboundAnswer } | { readonly kind: 'gone' } | { readonly kind: 'nothing' };

/** Beyond that the oldest are looked for again. */
const maxReferences = 10_000;

/** Alerts by a template, one request an alert. */
export function templateSink(name: string, template: Template, send: Send): Sink<AlertFacts, TemplateAnswer> {
  const references = new Map<string, string>();
  return {
    name, wants: 'told', lane: 'prompt', concurrency: 2, batchSize: 32,
    build: (documents) => ({ prepared: documents.map((one) => ({ request: factsOf(one), documents: [one] })), unfit: [] }),
    classify: (_documents, answer) => classifyTemplate(template, answer),
    close: () => Promise.resolve(),
    send: async (alert, signal) => {
      const { change } = template;
      if (change === undefined) return { kind: 'answered', answer: await send(template.create(alert), signal) };
      return deliverOnce({ template, change, references, send, signal }, alert);
    },
  };
}

interface Delivering {
  readonly template: Template;
  readonly change: Change;
  readonly references: Map<string, string>;
  readonly send: Send;
  readonly signal: AbortSignal;
}

/** Changes what stands there for the alert, else makes it. */
async function deliverOnce({ template, change, references, send, signal }: Delivering, alert: AlertFacts): Promise<TemplateAnswer> {
  let reference = references.get(alert.key) ?? null;
  if (reference === null) {
    const answer = await send(change.find(alert), signal);
    if (verdictOf(template, answer).kind !== 'done') return { kind: 'answered', answer };
    const body = objectOf(answer);
    // Else each telling would make another one.
    if (body === null) return { kind: 'answered', answer: { kind: 'failed', reason: 'unreadable_answer' } };
    reference = change.found(body, alert);
  }
  if (reference === null && alert.status === 'closed' && !alert.isTest) return { kind: 'nothing' };
  const answer = await send(reference === null ? template.create(alert) : change.apply(alert, reference), signal);
  if (reference !== null && isGone(change, answer)) {
    references.delete(alert.key);
    return { kind: 'gone' };
  }
  const made = verdictOf(template, answer).kind !== 'done' ? null : reference ?? change.made(objectOf(answer) ?? {});
  if (made !== null) remember(references, alert.key, made);
  return { kind: 'answered', answer };
}

function isGone(change: Change, answer: OutboundAnswer): boolean {
  return answer.kind === 'answered' && (answer.status === 404 || change.isGone?.(objectOf(answer) ?? {}) === true);
}

function remember(references: Map<string, string>, key: string, reference: string): void {
  references.delete(key);
  references.set(key, reference);
  if (references.size > maxReferences) references.delete(references.keys().next().value as string);
}

export function classifyTemplate(template: Template, told: TemplateAnswer): Outcome {
  if (told.kind === 'nothing') return only({ kind: 'done' });
  if (told.kind === 'gone') return only({ kind: 'retry', reason: 'gone' });
  return only(verdictOf(template, told.answer));
}

function verdictOf(template: Template, answer: OutboundAnswer): Verdict {
  const verdict = httpVerdict(answer);
  return verdict.kind === 'done' && template.verdict !== undefined ? template.verdict(objectOf(answer)) : verdict;
}
