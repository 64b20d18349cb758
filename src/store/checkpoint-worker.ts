/** Writes checkpoints of `state.db` on a thread of its own, so that the engine never waits for them. */
import { parentPort, workerData } from 'node:worker_threads';
import { checksum } from './checksum.ts';
import { Connection } from './connection.ts';
import type { RowsCopy } from './port.ts';
import { upsertMeta, type PackedEntities, type WorkerAnswer, type WorkerRequest, type WorkerSettings } from './state-schema.ts';

const { file, durable } = workerData as WorkerSettings;
const connection = new Connection(file, { durable, waitMs: 60_000 });

const putRow = 'INSERT INTO rows VALUES (?, ?, ?, ?, ?) '
  + 'ON CONFLICT DO UPDATE SET layout = excluded.layout, checksum = excluded.checksum, bytes = excluded.bytes';
const deleteRow = 'DELETE FROM rows WHERE scope = ? AND key = ?';
const putEntity = 'INSERT INTO entities VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes';
const deleteEntity = 'DELETE FROM entities WHERE kind = ? AND key = ?';
const putPosition = 'INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position, checksum = excluded.checksum';

parentPort!.on('message', (request: WorkerRequest) => {
  if (request.kind === 'close') {
    connection.close();
    parentPort!.close();
    return;
  }
  const failure = write(request);
  release(request);
  parentPort!.postMessage({ failure } satisfies WorkerAnswer);
});

function write(request: Extract<WorkerRequest, { kind: 'write' }>): WorkerAnswer['failure'] {
  try {
    connection.transaction(() => {
      for (const copy of request.rows) writeRows(copy);
      for (const packed of request.entities) writeEntities(packed);
      for (const [feed, position] of request.positions) connection.run(putPosition, feed, position, checksum(feed, position));
      const change = String(request.change);
      connection.run(upsertMeta, 'change', change, checksum('change', change));
    });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Gives the memory of the copies back at once: this thread makes so little garbage that collecting it would take long to come. */
function release({ rows, entities }: Extract<WorkerRequest, { kind: 'write' }>): void {
  const buffers = [...rows.flatMap((copy) => [copy.keys, copy.rows, copy.deleted]), ...entities.flatMap(({ lengths, bytes }) => [lengths, bytes])];
  for (const { buffer } of buffers) (buffer as ArrayBuffer).transfer(0);
}

function writeRows(copy: RowsCopy): void {
  const { keys, rows, rowLength, deleted } = copy;
  if (copy.count === 0 && deleted.length === 0) return;
  const scope = scopeId(copy.scope);
  const layout = layoutId(copy.layout);
  for (let at = 0; at < deleted.length; at += 8) connection.run(deleteRow, scope, deleted.subarray(at, at + 8));
  for (const i of sortedByKey(keys, copy.count)) {
    const key = keys.subarray(i * 8, i * 8 + 8);
    const bytes = rows.subarray(i * rowLength, (i + 1) * rowLength);
    connection.run(putRow, scope, key, layout, checksum(copy.scope, key, layout, bytes), bytes);
  }
}

/** Rows in the order in which they stand in the file, which spares most of the jumps between its pages. */
function sortedByKey(keys: Uint8Array, count: number): Uint32Array {
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  // The key's upper three bytes and the row's place in one number: sorts without calling back.
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) order[i] = (view.getUint32(i * 8) >>> 8) * 2 ** 29 + i;
  return Uint32Array.from(order.sort(), (value) => value % 2 ** 29);
}

function scopeId(name: string): number {
  connection.run('INSERT INTO scopes (name) VALUES (?) ON CONFLICT DO NOTHING', name);
  return connection.get('SELECT id FROM scopes WHERE name = ?', name)!['id'] as number;
}

function layoutId(description: string): number {
  const known = connection.get('SELECT id FROM layouts WHERE description = ?', description);
  if (known !== undefined) return known['id'] as number;
  const id = connection.get('SELECT coalesce(max(id), 0) + 1 AS id FROM layouts')!['id'] as number;
  connection.run('INSERT INTO layouts VALUES (?, ?, ?)', id, description, checksum(id, description));
  return id;
}

function writeEntities(packed: PackedEntities): void {
  let at = 0;
  for (const [i, key] of packed.keys.entries()) {
    const length = packed.lengths[i]!;
    if (length === -1) {
      connection.run(deleteEntity, packed.kind, key);
      continue;
    }
    const bytes = packed.bytes.subarray(at, at + length);
    connection.run(putEntity, packed.kind, key, checksum(packed.kind, key, bytes), bytes);
    at += length;
  }
}
