import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { eventOf, linesOf, reader } from '../support.ts';

// What another program's tests expect of the same lines, where its data are at hand; skipped elsewhere, and the run says so.
const data = fileURLToPath(new URL('../../../../../shared/data/crowdsec-hub/', import.meta.url));

/** `results["stage"]["parser"][2].Evt.Meta["source_ip"] == "1.1.1.1"`, of the last stage that says it, by the line's place. */
function expectations(file: string): Map<number, Map<string, string>> {
  const found = new Map<number, Map<string, string>>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const parts = /\]\[(\d+)\]\.Evt\.Meta\["(\w+)"\] == "(.*)"$/.exec(line);
    if (parts === null) continue;
    const ofLine = found.get(Number(parts[1])) ?? new Map<string, string>();
    found.set(Number(parts[1]), ofLine.set(parts[2]!, parts[3]!));
  }
  return found;
}

describe.skipIf(!existsSync(data))('a peer reads the same', () => {
  test.each([['teleport-logs', 'teleport-logs.log'], ['gitlab-logs', 'gitlab-logs.log']])('%s', (folder, name) => {
    const read = reader();
    const events = linesOf(`${data}${folder}/${name}`).map((line) => eventOf(read(line)));
    const expected = expectations(`${data}${folder}/parser.assert`);
    const compared = [...expected].flatMap(([place, meta]) => {
      const event = events[place]!;
      const pairs: (readonly [string | undefined, string | null])[] = [
        [meta.get('source_ip'), event.sourceIp], [meta.get('user') ?? meta.get('username'), event.userName], [meta.get('http_user_agent'), event.userAgent],
        [meta.get('timestamp') && new Date(meta.get('timestamp')!).toISOString(), new Date(event.timeMs).toISOString()],
        [/fail/.test(meta.get('log_type') ?? '') ? 'refused' : undefined, event.authenticated === true ? 'accepted' : 'refused'],
      ];
      return pairs.filter(([theirs]) => theirs !== undefined);
    });
    expect(compared.length).toBeGreaterThan(4);
    expect(compared.filter(([theirs, ours]) => theirs !== ours)).toEqual([]);
  });
});
