import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findScenarios, playScenario, readExpectation, type Expectation, type RaisedAlert } from '../src/cli/scenario/scenario.ts';
import { replay } from '../src/cli/replay/replay.ts';
import { loadFrom } from '../src/cli/settings.ts';
import { formats } from '../src/ingest/formats/index.ts';
import { detectors } from '../detectors/index.ts';
import { temporaryFolder } from './end-to-end/support.ts';
import { root } from './support/source.ts';

// Every story that fires is told again: without what decides, then twice over and out of order.

const repeating = new Set(formats.filter((format) => format.repeats).map((format) => format.id));
const disorderLines = 7;
const disorderMs = 60_000;
const work = temporaryFolder();

interface Story { readonly detector: string; readonly name: string; readonly log: string; readonly lines: readonly string[]; readonly expected: Expectation }

function storyOf(log: string): Story {
  const lines = readFileSync(log, 'utf8').split('\n').filter((line) => line !== '');
  return { detector: basename(dirname(log)), name: basename(log, '.ndjson'), log, lines, expected: readExpectation(log.replace(/ndjson$/, 'expect.json')) };
}

const ids = new Set(detectors.map(({ id }) => id));
const firing = findScenarios(join(root, 'test/scenarios')).filter((log) => ids.has(basename(dirname(log)))).map(storyOf)
  .filter(({ expected, detector }) => expected.alerts.some((alert) => alert.detector === detector));

/** The story with other lines, expecting `alerts`. */
function retold({ detector, name, expected }: Story, kind: string, lines: readonly string[], alerts: Expectation['alerts']): string {
  const folder = join(work, kind, detector);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.expect.json`), JSON.stringify({ ...expected, alerts }));
  writeFileSync(join(folder, `${name}.ndjson`), lines.map((line) => `${line}\n`).join(''));
  return join(folder, `${name}.ndjson`);
}

/** Places of the records that the story names as decisive, else of each alert's first event. */
function decisive({ lines, expected, detector }: Story, raised: readonly RaisedAlert[]): Set<number> {
  if (expected.decisive === undefined) return placesAt(lines, raised.filter(({ rule }) => rule.id === detector).map(({ log }) => log.offset));
  return new Set(expected.decisive.flatMap((text) => {
    const found = lines.flatMap((line, place) => (line.includes(text) ? [place] : []));
    expect([text, found.length]).not.toEqual([text, 0]);
    return found;
  }));
}

/** Places of all evidence: what goes on is justified by what follows the first event as well. */
async function evidence({ log, lines, expected, detector }: Story, raised: readonly RaisedAlert[]): Promise<Set<number>> {
  const [events, settings] = [join(work, 'events'), join(work, 'settings')];
  writeFileSync(settings, JSON.stringify(expected.config ?? {}));
  await replay({
    paths: [log], configuration: loadFrom(settings, {}), dataDir: null, format: null,
    outputs: { events, alerts: join(work, 'alerts'), quarantine: null }, progress: { update: () => undefined, done: () => undefined }, warn: () => undefined,
  });
  const wanted = new Set(raised.filter(({ rule }) => rule.id === detector).flatMap(({ tokenward }) => tokenward.alert.evidence));
  const read = readFileSync(events, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as RaisedAlert);
  return placesAt(lines, read.filter(({ event }) => wanted.has(event.id)).map(({ log: { offset } }) => offset));
}

function placesAt(lines: readonly string[], offsets: readonly number[]): Set<number> {
  let offset = 0;
  return new Set(lines.flatMap((line, place) => {
    const at = offset;
    offset += Buffer.byteLength(line) + 1;
    return offsets.includes(at) ? [place] : [];
  }));
}

/** What still comes without some records. */
async function faultsWithout(story: Story, removed: ReadonlySet<number>): Promise<readonly string[]> {
  expect(removed.size).toBeGreaterThan(0);
  return (await playScenario(retold(story, 'without', story.lines.filter((_, place) => !removed.has(place)), []))).faults;
}

/** Neighbours change places, by a fixed rule, where the first time that each tells is less than a minute from the other's. */
function disordered(lines: readonly string[]): string[] {
  const moved = [...lines];
  for (let place = 0; place + 1 < moved.length; place++) {
    const other = Math.min(moved.length - 1, place + 1 + (place * 5) % disorderLines);
    const between = moved.slice(place, other + 1).map(timeOf);
    if (Math.max(...between) - Math.min(...between) < disorderMs) [moved[place], moved[other]] = [moved[other]!, moved[place]!];
  }
  return moved;
}

function timeOf(line: string): number {
  const text = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(line)?.[0];
  return text === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${text}Z`);
}

const tale = ({ event, rule, tokenward: { token, alert } }: RaisedAlert, hasOwnIds: boolean) =>
  ({ detector: rule.id, token: token?.handle, start: event.start, ...hasOwnIds ? { id: event.id, evidence: alert.evidence } : { events: alert.evidence.length } });

describe.each(firing)('$detector: $name', (story) => {
  test('is quiet without what decides, and the same twice over and out of order', async () => {
    const { raised, formats: read } = await playScenario(story.log);
    const faults = await faultsWithout(story, decisive(story, raised));
    if (faults.length > 0 && story.expected.decisive === undefined) expect(await faultsWithout(story, await evidence(story, raised))).toEqual([]);
    else expect(faults).toEqual([]);

    const hasOwnIds = read.every((format) => repeating.has(format));
    const twice = hasOwnIds ? story.lines.flatMap((line) => [line, line]) : story.lines;
    const again = await playScenario(retold(story, 'again', disordered(twice), story.expected.alerts));
    expect(again.raised.map((alert) => tale(alert, hasOwnIds))).toEqual(raised.map((alert) => tale(alert, hasOwnIds)));
  }, 60_000);
});
