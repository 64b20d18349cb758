import type { Assembly } from '../../assemble.ts';
import type { Configuration } from '../../config/configuration.ts';
import type { OwnCall } from '../../store/port.ts';
import type { Progress } from '../progress.ts';

/** What is to be read, how, and where the results go. */
export interface ReplayRequest {
  readonly paths: readonly string[];
  readonly configuration: Configuration;
  /** Only this format; `null` decides record by record. */
  readonly format: string | null;
  /** Where the state is kept; `null` forgets it at the end. */
  readonly dataDir: string | null;
  /** Files for the results: `null` for none, `-` for standard output. */
  readonly outputs: { readonly events: string | null; readonly alerts: string | null; readonly quarantine: string | null };
  /** Calls that the service of a story noted; absent: nothing is known of its own credentials. */
  readonly ownCalls?: readonly OwnCall[];
  /** Looks at what came of it before the store is closed; `since` is the store's change at which this run began. */
  readonly onEnd?: (assembly: Assembly, since: number) => void;
  readonly progress: Progress;
  readonly warn: (text: string) => void;
}
