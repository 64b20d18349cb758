import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { detectors } from '../../../detectors/index.ts';
import type { Configuration } from '../../config/configuration.ts';
import { makeTemporaryFolder } from '../../files/temporary-folder.ts';
import type { IncidentKind } from '../../model/incident.ts';
import { replay } from '../replay/replay.ts';
import { loadFrom } from '../settings.ts';
import { UsageError } from '../usage-error.ts';

const logEnding = '.ndjson';
const expectEnding = '.expect.json';

/** An alert that a story must raise. */
export interface ExpectedAlert {
  readonly detector: string;
  /** Public handle of the token; `null`: none is known. */
  readonly token: string | null;
  /** The first event that deviates: its id, or when it was complete, to the second or the millisecond. */
  readonly first: string;
  /** What its incident is; absent: anything. */
  readonly incident?: IncidentKind;
}

/** Action, when, to which token (fingerprint), and what: `revoke`, `rotate`. */
export interface OwnCallTold { readonly action: string; readonly at: string; readonly token: string; readonly step: string }

export interface Expectation {
  readonly format?: string;
  /** Settings that the story needs, as in the configuration file. */
  readonly config?: object;
  /** Calls that this service noted before it made them: it watches its own credentials from the beginning of the story. */
  readonly own_calls?: readonly OwnCallTold[];
  /** Empty: nothing may alert. */
  readonly alerts: readonly ExpectedAlert[];
  /** Cases of the catalogue that it tells of, or, where it is quiet, that it could be taken for. */
  readonly cases?: readonly string[];
  /** Texts, one of which stands in each record without which the story is quiet; absent: those are the first that deviate. */
  readonly decisive?: readonly string[];
}

/** What went wrong in a story, in words; empty when nothing did. */
export interface Played { readonly name: string; readonly faults: readonly string[] }

/** A story that was played, with the alerts that it raised and the formats of its records. */
export interface PlayedStory extends Played { readonly raised: readonly RaisedAlert[]; readonly formats: readonly string[] }

/** What a story brought about: its alerts, how many of its records were refused, and in which formats the others were. */
interface Raised { readonly raised: readonly RaisedAlert[]; readonly refused: number; readonly formats: readonly string[] }

/** What is read of an alert's document. */
export interface RaisedAlert {
  readonly event: { readonly id: string; readonly start: string; readonly reason: string };
  readonly log: { readonly offset: number };
  readonly rule: { readonly id: string };
  readonly tokenward: {
    readonly token?: { readonly handle?: string };
    readonly alert: { readonly evidence: readonly string[]; readonly incident?: { readonly kind: IncidentKind } };
  };
}

/** Whose alerts may not go beyond what is expected; `null`: nobody's. */
export type Judged = string | null;

/** The logs of all stories in a file or folder, in the order of their names. */
export function findScenarios(path: string): string[] {
  if (!statSync(path).isDirectory()) {
    if (!path.endsWith(logEnding)) throw new UsageError(`${path} is no scenario: its name must end in ${logEnding}`);
    return [path];
  }
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const inner = join(path, entry.name);
    return entry.isDirectory() ? findScenarios(inner) : entry.name.endsWith(logEnding) ? [inner] : [];
  });
}

/**
 * Replays a story and compares its alerts with what is expected, one by one. In a folder named after a detector only that
 * detector's alerts may not go beyond what is expected; elsewhere nobody's may. Throws `UsageError` where the expectation
 * cannot be read.
 */
export async function playScenario(log: string, judged: Judged = detectorOf(log)): Promise<PlayedStory> {
  const expectation = readExpectation(log.slice(0, -logEnding.length) + expectEnding);
  const folder = makeTemporaryFolder('tokenward-test-');
  try {
    const { raised, refused, formats } = await raise(log, expectation, folder.path);
    const { missing, extra } = compare(expectation.alerts, raised);
    const own = extra.filter(({ rule }) => judged === null || rule.id === judged);
    const faults = [...missing.map((one) => `missing: ${words(one)}`), ...own.map((alert) => `not expected: ${raisedWords(alert)}`)];
    return { name: log, raised, formats, faults: refused === 0 ? faults : [`${refused} records were refused`, ...faults] };
  } finally {
    folder.remove();
  }
}

/** Each alert answers one expectation. */
function compare(expected: readonly ExpectedAlert[], raised: readonly RaisedAlert[]): { missing: ExpectedAlert[]; extra: RaisedAlert[] } {
  const extra = [...raised];
  const missing = expected.filter((one) => {
    const place = extra.findIndex((alert) => isSame(one, alert));
    if (place >= 0) extra.splice(place, 1);
    return place < 0;
  });
  return { missing, extra };
}

/** Replays one log with some settings; `folder` takes what that leaves. */
export async function raise(
  log: string, { config, format, own_calls: told }: Pick<Expectation, 'config' | 'format' | 'own_calls'>, folder: string,
): Promise<Raised> {
  const alerts = join(folder, 'alerts.ndjson');
  const statistics = await replay({
    ...told === undefined ? {} : { ownCalls: told.map(({ at, ...call }) => ({ ...call, atMs: Date.parse(at) })) },
    paths: [log], configuration: configurationOf(config ?? {}, folder), dataDir: null,
    format: format === undefined || format === 'auto' ? null : format,
    outputs: { events: null, alerts, quarantine: null }, progress: { update: () => undefined, done: () => undefined }, warn: () => undefined,
  });
  const lines = readFileSync(alerts, 'utf8').split('\n').filter((line) => line !== '');
  const read = Object.keys(statistics.events_by_format);
  return { raised: lines.map((line) => JSON.parse(line) as RaisedAlert), refused: statistics.quarantined, formats: read };
}

function configurationOf(config: object, folder: string): Configuration {
  const file = join(folder, 'tokenward.yaml');
  writeFileSync(file, JSON.stringify(config));
  return loadFrom(file, {});
}

/** Throws `UsageError` where it cannot be read. */
export function readExpectation(file: string): Expectation {
  let read: Partial<Expectation>;
  try {
    read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Expectation>;
  } catch {
    throw new UsageError(`${file} is missing or no JSON`, 'beside each NAME.ndjson stands NAME.expect.json: {"alerts": []} for a quiet story');
  }
  const { alerts } = read;
  if (!Array.isArray(alerts)) throw new UsageError(`${file} names no list of alerts`, '{"alerts": []} for a quiet story');
  return { ...read, alerts };
}

/** The detector that a story's folder is named after. */
function detectorOf(log: string): Judged {
  const folder = basename(dirname(log));
  return detectors.some(({ id }) => id === folder) ? folder : null;
}

function isSame({ detector, token, first, incident }: ExpectedAlert, alert: RaisedAlert): boolean {
  const isFirst = alert.tokenward.alert.evidence[0] === first || alert.event.start.startsWith(first.replace('Z', ''));
  return alert.rule.id === detector && (alert.tokenward.token?.handle ?? null) === token && isFirst
    && (incident === undefined || incident === alert.tokenward.alert.incident?.kind);
}

function words({ detector, token, first, incident }: ExpectedAlert): string {
  return `${detector} on ${token ?? 'no token'} from ${first}${incident === undefined ? '' : ` as part of a ${incident}`}`;
}

function raisedWords({ rule, tokenward, event }: RaisedAlert): string {
  return words({ detector: rule.id, token: tokenward.token?.handle ?? null, first: event.start });
}
