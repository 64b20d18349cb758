import type { Caps, Rule } from '../config/policy.ts';
import type { Correlator } from '../correlate/correlator.ts';
import type { Intel } from '../intel/intel.ts';
import type { Alert } from '../model/alert.ts';
import type { Detector } from '../model/detector.ts';
import type { Exception } from '../model/exception.ts';
import type { Dependent } from '../model/intent.ts';
import type { KillSwitch } from '../respond/kill-switch.ts';
import type { Actions } from '../respond/port.ts';
import type { CanaryView } from '../server/api/shapes.ts';
import type { Readiness } from '../server/readiness.ts';
import type { LinkSettings } from '../sinks/links.ts';
import type { EffectsStore } from '../store/port.ts';
import type { Measures } from './health.ts';
import type { PostureParts } from './inventory.ts';

/** What the API needs of the service. */
export interface ApiParts {
  readonly version: string;
  readonly effects: EffectsStore;
  readonly correlator: Correlator;
  readonly posture: PostureParts;
  readonly intel: Intel;
  readonly ruleOf: (detector: string) => Detector;
  readonly actions: Actions;
  /** `null`: nothing here acts. */
  readonly killSwitch: Pick<KillSwitch, 'state'> | null;
  readonly caps: Caps;
  readonly rules: readonly Rule[];
  /** Each deny list with the names of the gateways that fetch it. */
  readonly denyLists: readonly { readonly name: string; readonly gateways: readonly string[] }[];
  readonly dependents: (token: string, alert: Alert) => readonly Dependent[];
  /** Where people look further. */
  readonly links: LinkSettings;
  readonly readiness: () => Readiness;
  readonly nowMs: () => number;
  /** In force, what somebody wanted quiet for some hours too. */
  readonly exceptions: () => readonly Exception[];
  /** Folder of the store. */
  readonly dir: string;
  readonly checkpointEveryMs: number;
  readonly measures: Measures;
  readonly canaries: () => readonly CanaryView[];
}
