import { assemble, type Assembly } from '../../src/assemble.ts';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration, type Configuration } from '../../src/config/configuration.ts';
import type { ParameterTexts } from '../../src/config/parameters.ts';
import type { Alert } from '../../src/model/alert.ts';

const defaults: Configuration = loadConfiguration({ file: null, environment: {}, detectors });

/** The pieces as `replay` puts them together; without a folder over a store that goes with `close`. `without`: detectors that are not there. */
export function openWorld(
  dataDir: string | null = null, parameters: ParameterTexts = {}, onAlert: (alert: Alert) => void = () => undefined, without: readonly string[] = [],
): Assembly {
  return assemble({
    configuration: { ...defaults, detectors: parameters }, detectors: detectors.filter(({ id }) => !without.includes(id)), dataDir, format: null,
    onEvent: () => undefined, onAlert, warn: () => undefined,
  });
}
