import type { Complaint } from './issues.ts';
import type { Configurable, RawConfiguration } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** What no schema can say of the sinks: detectors that are known, and keys that belong together. */
export function checkSinks({ sinks }: RawConfiguration, detectors: readonly Configurable[]): Complaint[] {
  const known = detectors.map(({ id }) => id);
  return sinks.flatMap((sink, place) => [
    ...(sink.filter?.detectors ?? []).flatMap((id, at) => (known.includes(id)
      ? [] : [{ path: ['sinks', place, 'filter', 'detectors', at], message: `unknown detector "${id}"`, hint: didYouMean(id, known) }])),
    ...('cert_file' in sink && (sink.cert_file === undefined) !== (sink.key_file === undefined)
      ? [{ path: ['sinks', place], message: `sink "${sink.name}" needs "cert_file" and "key_file" together`, hint: null }] : []),
  ]);
}
