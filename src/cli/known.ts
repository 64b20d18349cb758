import type { Configuration } from '../config/configuration.ts';
import { Correlator } from '../correlate/correlator.ts';
import { openCorrelateState } from '../correlate/state.ts';
import { State } from '../state/state.ts';
import { openStore, type Store } from '../store/open.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Names are read in one go: one by one they take four times as long. Kin is asked for of few. */
const inMemory = { texts: 500_000, kin: 0 };

/** What a data folder holds, opened for reading; also while another process writes to it. */
export interface Known {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly correlator: Correlator;
}

/** Options shared by the commands that read a data folder. */
export interface KnownOptions {
  readonly config?: string;
  readonly dataDir?: string;
}

/** Opens the folder of `--data-dir`, else of `store.dir`, hands it over, and closes it again. */
export async function withKnown(options: KnownOptions, use: (known: Known) => void | Promise<void>): Promise<void> {
  const configuration = loadSettings(options.config);
  const dir = options.dataDir ?? configuration.store.dir;
  if (dir === null) throw new UsageError('no data folder is named', 'give --data-dir, the one that replay was given');
  const store = openStore(dir, { readOnly: true });
  try {
    const state = new State(store.state, store.seed);
    const tables = openCorrelateState(state, inMemory);
    await use({ configuration, store, correlator: new Correlator(tables, { inventory: configuration.inventory }) });
  } finally {
    await store.close();
  }
}
