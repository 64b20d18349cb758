import { context, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import type { Action, Verdict } from '../respond/port.ts';

/** What is told of: a stretch of the engine's work, the commit at its end, a request to a sink, a call of an action. */
export type SpanName = 'batch' | 'commit' | 'delivery' | 'action';

/** Without an SDK, which the operator brings, every span is an empty one that costs nothing to speak of. */
const tracer = trace.getTracer('tokenward');

/** A span that is never ended is never told. Attributes are names of the configuration, our own words and numbers. */
export function beginSpan(name: SpanName, parent?: Span): Span {
  return tracer.startSpan(`tokenward.${name}`, {}, parent === undefined ? undefined : trace.setSpan(context.active(), parent));
}

/** What is thrown is passed on; of it nothing is told, because it may quote documents. */
export async function inSpan<T>(name: SpanName, attributes: Attributes, work: () => Promise<T>, hasFailed: (result: T) => boolean = () => false): Promise<T> {
  const span = tracer.startSpan(`tokenward.${name}`, { attributes });
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    if (hasFailed(result)) span.setStatus({ code: SpanStatusCode.ERROR });
    return result;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The action, each of whose calls is a span. */
export function tracedAction(action: Action): Action {
  const { name, type, undo } = action;
  const call = (undoing: boolean, work: () => Promise<Verdict>): Promise<Verdict> => inSpan(
    'action', { 'tokenward.action': name, 'tokenward.action.type': type, 'tokenward.undo': undoing }, work,
    ({ kind }) => kind === 'retry' || kind === 'failed',
  );
  return {
    ...action,
    perform: (intent, signal) => call(false, () => action.perform(intent, signal)),
    undo: undo === null ? null : (intent, signal) => call(true, () => undo(intent, signal)),
  };
}

/** See `DeliverySettings.watch`. */
export function watchDelivery<T>(sink: string, documents: number, work: () => Promise<T>): Promise<T> {
  const hasFailed = (answer: T): boolean => (answer as { readonly kind?: unknown } | null | undefined)?.kind === 'failed';
  return inSpan('delivery', { 'tokenward.sink': sink, 'tokenward.documents': documents }, work, hasFailed);
}
