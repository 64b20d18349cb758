import type { Built, Outcome, Outgoing, Sink } from './sink.ts';

/** Writes a text whole; resolves when more may follow, rejects when the reader is gone. */
export type WriteText = (text: string) => Promise<void>;

export type LinesAnswer = { readonly kind: 'written' } | { readonly kind: 'failed' };

/** A JSON line for each alert that is to be told: its state now. */
export function stdoutSink(name: string, write: WriteText): Sink<string, LinesAnswer> {
  return {
    name, wants: 'told', lane: 'prompt', concurrency: 1, batchSize: 64,
    build: buildLines,
    classify: classifyLines,
    close: () => Promise.resolve(),
    send: async (text) => {
      try {
        await write(text);
        return { kind: 'written' };
      } catch {
        return { kind: 'failed' };
      }
    },
  };
}

function buildLines(documents: readonly Outgoing[]): Built<string> {
  const request = documents.map(({ document }) => `${JSON.stringify(document)}\n`).join('');
  return { prepared: [{ request, documents }], unfit: [] };
}

function classifyLines(documents: readonly Outgoing[], answer: LinesAnswer): Outcome {
  if (answer.kind === 'failed') return { kind: 'stop', reason: 'closed' };
  return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
}
