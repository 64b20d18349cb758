import type { Assembly } from '../../assemble.ts';
import type { Configuration } from '../../config/configuration.ts';
import { makeTemporaryFolder } from '../../files/temporary-folder.ts';
import type { Alert } from '../../model/alert.ts';
import type { Intent } from '../../model/intent.ts';
import { copyStore } from '../../store/copy.ts';
import { openStore } from '../../store/open.ts';
import type { Progress } from '../progress.ts';
import { replay } from '../replay/replay.ts';

/** What is to be remembered of an alert to compare it with another run's. */
export interface AlertLine {
  readonly id: string;
  readonly detector: string;
  readonly severity: number;
  /** Whose it is: the identity, else the token. */
  readonly who: string;
  readonly name: string;
  readonly token: string | null;
  readonly startMs: number;
  readonly endMs: number;
  /** When it was raised, event time. */
  readonly createdMs: number;
  readonly reason: string;
  /** Exception that hides it: stored, told to nobody. */
  readonly hiddenBy: string | null;
}

/** What one configuration makes of the history. */
export interface Outcome {
  /** Alerts that began in the period, by time. */
  readonly alerts: readonly AlertLine[];
  /** Steps that policy proposed in the period. */
  readonly intents: readonly Intent[];
  readonly events: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly quarantined: number;
}

export interface BacktestRequest {
  readonly paths: readonly string[];
  readonly format: string | null;
  /** Data folder whose state both begin with, untouched; `null`: both begin with nothing. */
  readonly dataDir: string | null;
  /** What came before only teaches; `null`: everything counts. */
  readonly fromMs: number | null;
  readonly progress: Progress;
  readonly warn: (text: string) => void;
}

/** Replays the history under one configuration, in a copy of the state that is thrown away. Nothing acts. */
export async function outcomeOf(configuration: Configuration, request: BacktestRequest): Promise<Outcome> {
  if (request.dataDir === null) return play(configuration, request, null, new Set());
  const folder = makeTemporaryFolder('tokenward-backtest-');
  try {
    await copyStore(request.dataDir, folder.path);
    return await play(configuration, request, folder.path, await knownAlerts(folder.path));
  } finally {
    folder.remove();
  }
}

async function play(configuration: Configuration, request: BacktestRequest, dataDir: string | null, known: ReadonlySet<string>): Promise<Outcome> {
  const { paths, format, progress, warn } = request;
  const fromMs = request.fromMs ?? Number.NEGATIVE_INFINITY;
  const found: { alerts: AlertLine[]; intents: Intent[] } = { alerts: [], intents: [] };
  const onEnd = ({ store }: Assembly, since: number): void => {
    for (const alerts of [store.effects.alerts(since), store.effects.hiddenAlerts(since)]) {
      for (const alert of alerts) if (!known.has(alert.id) && alert.createdMs >= fromMs) found.alerts.push(lineOf(alert));
    }
    found.intents = store.effects.responses.intents({ changedSince: since }).filter(({ decidedMs }) => decidedMs >= fromMs);
  };
  const { events, first_event: first, last_event: last, quarantined } = await replay({
    paths, configuration, format, dataDir, onEnd, progress, warn, outputs: { events: null, alerts: null, quarantine: null },
  });
  found.alerts.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
  const firstMs = Math.max(fromMs, first === null ? fromMs : Date.parse(first));
  return { ...found, events, quarantined, firstMs, lastMs: last === null ? firstMs : Date.parse(last) };
}

/** Those that the state began with: they are no news of this period. */
async function knownAlerts(dir: string): Promise<ReadonlySet<string>> {
  const store = openStore(dir, { readOnly: true });
  try {
    return new Set([...store.effects.alerts(), ...store.effects.hiddenAlerts()].map(({ id }) => id));
  } finally {
    await store.close();
  }
}

function lineOf({ id, detector, severity, first, startMs, endMs, createdMs, reason, hiddenBy }: Alert): AlertLine {
  const who = first.identityId ?? first.token ?? '';
  return {
    id, detector, severity, who, name: first.identityName ?? who, token: first.tokenHandle ?? first.token, startMs, endMs, createdMs, reason,
    hiddenBy: hiddenBy ?? null,
  };
}
