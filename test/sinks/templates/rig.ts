import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sinkSection } from '../../../src/config/sink-schema.ts';
import { makeSink } from '../../../src/service/make-sink.ts';
import type { Outcome, Outgoing, Sink } from '../../../src/sinks/sink.ts';
import { makeFolder } from '../../store/support.ts';

/** A secret's file. */
export function fileWith(secret: string): string {
  const file = join(makeFolder(), 'secret');
  writeFileSync(file, `${secret}\n`);
  return file;
}

/** As it is made of the configuration; receivers of tests are on this machine. */
export function sinkOf(section: Readonly<Record<string, unknown>>): Sink<unknown, unknown> {
  return makeSink(sinkSection.parse({ name: 'desk', allow_private: true, ...section }), null, () => Promise.resolve());
}

export async function deliver(sink: Sink<unknown, unknown>, outgoing: Outgoing): Promise<Outcome> {
  const { prepared: [one] } = sink.build([outgoing]);
  return sink.classify(one!.documents, await sink.send(one!.request, AbortSignal.timeout(10_000)));
}

export const done: Outcome = { kind: 'each', verdicts: [{ kind: 'done' }] };

export function retry(reason: string, afterMs?: number): Outcome {
  return { kind: 'each', verdicts: [{ kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }] };
}
