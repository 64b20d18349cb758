import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How Elasticsearch fares behind the door. `picky`: one item in ten of a bulk request is refused for being too much. */
export type Mood = 'fair' | 'down' | 'overloaded' | 'picky';

export interface SearchDoor {
  readonly url: string;
  mood: Mood;
  /** Requests and items that were turned away. */
  readonly refused: () => number;
  stop(): Promise<void>;
}

const tooMuch = { type: 'es_rejected_execution_exception', reason: 'the queue is full' };
const refusesEach = 10;

/** A door before a real Elasticsearch that lets requests through, or not. */
export async function startSearchDoor(target: string): Promise<SearchDoor> {
  let refused = 0;
  let items = 0;
  const isRefused = (): boolean => {
    if (++items % refusesEach !== 0) return false;
    refused++;
    return true;
  };
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (door.mood === 'down') {
      refused++;
      request.socket.destroy();
      return;
    }
    const body = await bodyOf(request);
    if (door.mood === 'overloaded') {
      refused++;
      answer(response, 429, { error: tooMuch, status: 429 });
    } else if (door.mood === 'picky' && request.url!.startsWith('/_bulk')) answer(response, 200, await bulkBut(isRefused, target, request, body));
    else {
      const got = await pass(target, request, body);
      answer(response, got.status, await got.json());
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const door: SearchDoor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, mood: 'fair', refused: () => refused,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  return door;
}

/** Passes on the other items, and puts the refused ones into the answer at their places. */
async function bulkBut(isRefused: () => boolean, target: string, request: IncomingMessage, body: string): Promise<object> {
  const lines = body.trimEnd().split('\n');
  const fates = Array.from({ length: lines.length / 2 }, isRefused);
  const kept = lines.filter((_, place) => fates[Math.floor(place / 2)] === false);
  const got = kept.length === 0 ? { items: [] } : await (await pass(target, request, `${kept.join('\n')}\n`)).json() as { items: object[] };
  const answered = got.items.values();
  return { ...got, items: fates.map((fate) => (fate ? { index: { status: 429, error: tooMuch } } : answered.next().value)) };
}

function pass(target: string, request: IncomingMessage, body: string): Promise<Response> {
  const headers = { 'content-type': request.headers['content-type'] ?? 'application/json', accept: request.headers.accept ?? '*/*' };
  return fetch(`${target}${request.url}`, { method: request.method!, headers, ...(body === '' ? {} : { body }) });
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8', 'x-elastic-product': 'Elasticsearch' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8') as AsyncIterable<string>) text += part;
  return text;
}
