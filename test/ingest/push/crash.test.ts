import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PushSource } from '../../../src/ingest/push/source.ts';
import { openSpool } from '../../../src/store/spool.ts';
import { makeFolder } from '../../store/support.ts';
import { ecsLine, Kept, normalizers } from './support.ts';

const pusher = fileURLToPath(new URL('./pusher.ts', import.meta.url));

async function startPusher(dir: string, when: string, at: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [pusher, dir, when, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout!, 'data') as [Buffer];
  return { child, port: Number(line.toString()) };
}

/** The answer; `null` when the connection broke. */
async function push(port: number, batch: number): Promise<{ status: number; body: string } | null> {
  const lines = [0, 1, 2].map((n) => ecsLine(`b${batch}-${n}`)).join('\n');
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/ingest/ecs`, { method: 'POST', body: lines, headers: { authorization: 'Bearer right', 'idempotency-key': `b${batch}` } });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return null;
  }
}

test('killed around writes to its spool, nothing acknowledged is lost and nothing counts twice', { timeout: 60_000 }, async () => {
  const dir = makeFolder();
  const kills: [string, number][] = [['before', 1], ['after', 1], ['after', 2], ['before', 2], ['after', 3], ['never', 0]];
  let batch = 0;
  const acknowledged: number[] = [];
  for (const [when, at] of kills) {
    const { child, port } = await startPusher(dir, when, at);
    const closed = once(child, 'close');
    for (let sent = 0; sent < 5; sent++) {
      const answer = await push(port, batch);
      if (answer === null) break;
      expect(answer).toMatchObject({ status: 202, body: expect.stringContaining(`"batch":"b${batch}","records":3,"accepted":3`) });
      acknowledged.push(batch++);
    }
    if (when === 'never') child.kill('SIGKILL');
    await closed;
    expect(child.signalCode).toBe('SIGKILL');
  }
  const spool = openSpool(join(dir, 'spool.db'));
  const source = new PushSource({ name: 'edge', spool, normalizerOf: normalizers('edge') });
  const kept = new Kept();
  await source.start(kept);
  await expect.poll(() => kept.caughtUps).toBeGreaterThan(0);
  await source.stop();
  spool.close();
  expect(acknowledged.length).toBeGreaterThan(5);
  expect(kept.eventIds).toEqual(acknowledged.flatMap((one) => [0, 1, 2].map((n) => `b${one}-${n}`)));
});
