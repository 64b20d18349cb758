import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesOf } from '../ingest/formats/support.ts';
import { run, temporaryFolder } from '../end-to-end/support.ts';

// Oracle writes its audit events with the marks of an old CloudEvents version, as Okta calls its hooks.
test('audit events of Oracle Cloud are read from files as they are written', async () => {
  const folder = temporaryFolder();
  const lines = linesOf(new URL('../data/formats/oci.audit/built.ndjson', import.meta.url));
  writeFileSync(join(folder, 'audit.ndjson'), lines.join('\n'));
  const { statistics } = await run([folder]);
  // One of them has no time.
  expect([statistics.quarantined_by_reason, statistics.events_by_format]).toEqual([{ no_time: 1 }, { 'oci.audit': lines.length - 1 }]);
});
