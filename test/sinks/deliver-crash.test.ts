import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { accept, startWebhookReceiver, type Received } from '../support/receivers/webhook-receiver.ts';
import { makeFolder } from '../store/support.ts';
import { finalState } from './deliver-crash-script.ts';

const child = fileURLToPath(new URL('./deliver-crash-child.ts', import.meta.url));
const points = [
  'after the commit',
  ...['every', 'told'].flatMap((sink) => [`${sink}: before sending`, `${sink}: after the answer`, `${sink}: after noting it`]),
];

/** Runs the child; answers how it ended. */
async function run(dir: string, url: string, secretFile: string, point: string, count: number): Promise<string> {
  const started = spawn(process.execPath, [child, dir, url, secretFile, point, String(count)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text; });
  await once(started, 'close');
  return started.signalCode ?? `${started.exitCode} ${errors}`.trim();
}

interface Arrival { readonly sink: string; readonly messageId: string; readonly id: string; readonly version: number; readonly announced: number }

function arrivalOf({ id: messageId, body, path }: Received): Arrival {
  return { sink: path.slice(path.lastIndexOf('/') + 1), messageId, ...(JSON.parse(body) as { data: Omit<Arrival, 'sink' | 'messageId'> }).data };
}

test('killed between any two steps, it delivers every alert in its newest version, and every announcement', { timeout: 120_000 }, async () => {
  const dir = makeFolder();
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secretFile = `${makeFolder()}/secret`;
  writeFileSync(secretFile, secret);
  const receiver = await startWebhookReceiver(secret);
  onTestFinished(() => receiver.stop());
  let turn = 0;
  // One in seven is refused for the moment, one in eleven gets in and is never answered.
  receiver.answer = (response, message) => {
    turn++;
    if (turn % 7 === 0) response.writeHead(503).end();
    else if (turn % 11 === 0) response.destroy();
    else accept(response, message);
  };
  const url = receiver.url;
  const ends: string[] = [];
  for (const count of [1, 4]) for (const point of points) ends.push(await run(dir, url, secretFile, point, count));
  expect(new Set(ends)).toEqual(new Set(['SIGKILL']));
  receiver.answer = accept;
  expect(await run(dir, url, secretFile, 'none', 0)).toBe('0');
  const arrivals = receiver.messages.map(arrivalOf);
  expect(receiver.messages.filter(({ isGenuine }) => !isGenuine)).toEqual([]);
  const newest = (sink: string, what: 'version' | 'announced'): Map<string, number> => {
    const found = new Map<string, number>();
    for (const arrival of arrivals) if (arrival.sink === sink) found.set(arrival.id, Math.max(arrival[what], found.get(arrival.id) ?? 0));
    return found;
  };
  const expected = [...finalState()];
  expect(newest('every', 'version')).toEqual(new Map(expected.map(([id, { version }]) => [id, version])));
  expect(newest('told', 'announced')).toEqual(new Map(expected.map(([id, { announced }]) => [id, announced])));
  // One message, one thing told, however often it was tried.
  const told = Map.groupBy(arrivals.filter(({ sink }) => sink === 'told'), ({ messageId }) => messageId);
  expect([...told].filter(([, same]) => new Set(same.map(({ announced }) => announced)).size > 1).map(([messageId]) => messageId)).toEqual([]);
});
