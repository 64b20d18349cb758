/** A server with one push source in the folder given, that kills itself around the n-th write to its spool. Prints its port. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { PushSource } from '../../../src/ingest/push/source.ts';
import { Credentials } from '../../../src/server/credentials.ts';
import { startServer } from '../../../src/server/http.ts';
import { judge } from '../../../src/server/readiness.ts';
import { openSpool } from '../../../src/store/spool.ts';
import { normalizers } from './support.ts';

const [dir = '', when = 'never', at = '0'] = process.argv.slice(2);
const spool = openSpool(join(dir, 'spool.db'));
const append = spool.append.bind(spool);
let writes = 0;
spool.append = (entry) => {
  writes++;
  if (when === 'before' && writes === Number(at)) process.kill(process.pid, 'SIGKILL');
  append(entry);
  if (when === 'after' && writes === Number(at)) process.kill(process.pid, 'SIGKILL');
};
const source = new PushSource({ name: 'edge', spool, normalizerOf: normalizers('edge') });
const server = await startServer({
  host: '127.0.0.1', port: 0, credentials: null, metrics: async () => ({ contentType: 'text/plain', text: '' }),
  readiness: () => judge({ nowMs: 0, running: true, storeProblem: null, lastCheckpointMs: null, sources: [], sinks: [] }),
  push: [{ name: 'edge', credentials: new Credentials([createHash('sha256').update('right').digest()]), receive: (request) => source.receive(request) }],
});
writeSync(1, `${server.port}\n`);
