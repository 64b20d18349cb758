import { existsSync } from 'node:fs';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration, type Configuration } from '../config/configuration.ts';
import type { Environment } from '../config/environment.ts';
import { formats } from '../ingest/formats/index.ts';
import { checkRule } from '../rules/rule.ts';
import { isTechnique } from '../sinks/attack.ts';
import { defaultDir, openStore, type Store } from '../store/open.ts';

/** Read when no `--config` is given and it stands in the working folder. */
export const defaultFile = 'tokenward.yaml';

/**
 * Opens a data folder for reading, hands its store over, and closes it again; also while another process writes to it. The folder is the one
 * that was given, else that of the configuration, else the service's own.
 */
export async function withStore<T>(
  { config, dataDir }: { readonly config?: string; readonly dataDir?: string }, use: (store: Store) => T | Promise<T>,
): Promise<T> {
  const store = openStore(dataDir ?? loadSettings(config).store.dir ?? defaultDir, { readOnly: true });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** The configuration of a command line: the named file, else the default one, else defaults and environment alone. */
export function loadSettings(file: string | undefined): Configuration {
  const found = file ?? (existsSync(defaultFile) ? defaultFile : null);
  return loadFrom(found, process.env);
}

/** The configuration of a file, checked against everything that this version knows. Throws `ConfigurationError`. */
export function loadFrom(file: string | null, environment: Environment): Configuration {
  return loadConfiguration({ file, environment, detectors, formats, checkRule: (rule) => checkRule(rule, isTechnique) });
}
