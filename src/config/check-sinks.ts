import { unknownIds, type Complaint } from './issues.ts';
import type { Configurable, RawConfiguration } from './schema.ts';

/** What no schema can say of the sinks: detectors that are known, and keys that belong together. */
export function checkSinks({ sinks }: RawConfiguration, detectors: readonly Configurable[]): Complaint[] {
  return sinks.flatMap((sink, place) => [
    ...unknownIds('detector', sink.filter?.detectors ?? [], detectors, ['sinks', place, 'filter', 'detectors']),
    ...('cert_file' in sink && (sink.cert_file === undefined) !== (sink.key_file === undefined)
      ? [{ path: ['sinks', place], message: `sink "${sink.name}" needs "cert_file" and "key_file" together`, hint: null }] : []),
  ]);
}
