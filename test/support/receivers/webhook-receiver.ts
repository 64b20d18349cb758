import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A message as it came, with whether a foreign implementation found its signature right. */
export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly isGenuine: boolean;
}

/** Answers a message; the default is an empty 204. */
export type Answering = (response: ServerResponse, message: Received) => void;

export interface WebhookReceiver {
  readonly url: string;
  readonly messages: Received[];
  /** Connections opened so far. */
  readonly connections: () => number;
  answer: Answering;
  stop(): Promise<void>;
}

export const accept: Answering = (response) => { response.writeHead(204).end(); };

/** A receiver of signed webhooks on this machine that keeps what it got, in order. `secret`: `whsec_…`. */
export async function startWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const verifier = new Webhook(secret);
  const messages: Received[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => { body += part; });
    request.on('end', () => {
      const { headers, url = '' } = request;
      const message = { id: String(headers['webhook-id']), path: url, headers, body, isGenuine: isGenuine(verifier, body, headers) };
      messages.push(message);
      receiver.answer(response, message);
    });
  });
  server.on('connection', () => { connections++; });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`, messages, connections: () => connections, answer: accept,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  return receiver;
}

function isGenuine(verifier: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
