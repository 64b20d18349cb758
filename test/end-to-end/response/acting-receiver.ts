import { setTimeout as sleep } from 'node:timers/promises';
import { startWebhookReceiver, type Received } from '../../support/receivers/webhook-receiver.ts';

/** A step that was asked for, in the receiver's words. */
export interface Step { readonly id: string; readonly operation: 'do' | 'undo'; readonly handle: string; readonly atMs: number }

/** How a message fares, after or instead of being done. */
export type Mood = 'fair' | 'hangs' | 'is late' | 'fails' | 'is reset when done';

/** Whoever ends tokens: each message is done once by its id, whatever becomes of the answer. Counts everything. */
export interface ActingReceiver {
  readonly url: string;
  readonly statusUrl: string;
  /** As they came, repeats too. */
  readonly deliveries: Step[];
  /** As they were done. */
  readonly effects: Step[];
  /** Public ids of tokens that are cut off. */
  readonly dead: Set<string>;
  /** Steps whose signature was wrong, or not of now. */
  readonly refused: () => number;
  /** For each message in turn. */
  mood: (step: Step) => Mood;
  stop(): Promise<void>;
}

interface Message { readonly type: string; readonly data: { readonly operation?: 'do' | 'undo'; readonly token: { readonly handle?: string } } }

/** Later than who asks waits for. */
const lateMs = 700;

export async function startActingReceiver(secret: string, now: () => number = Date.now): Promise<ActingReceiver> {
  const receiver = await startWebhookReceiver(secret);
  const seen = new Set<string>();
  const origin = new URL(receiver.url).origin;
  const acting: ActingReceiver = {
    url: `${origin}/steps`, statusUrl: `${origin}/status`, deliveries: [], effects: [], dead: new Set(), mood: () => 'fair',
    refused: () => receiver.messages.filter(({ isGenuine, path }) => !isGenuine && path !== '/status').length, stop: () => receiver.stop(),
  };
  const done = (message: Received, { operation = 'do', token: { handle = '' } }: Message['data']): Step => {
    const step: Step = { id: message.id, operation, handle, atMs: now() };
    acting.deliveries.push(step);
    if (seen.has(step.id)) return step;
    seen.add(step.id);
    acting.effects.push(step);
    acting.dead[operation === 'do' ? 'add' : 'delete'](handle);
    return step;
  };
  receiver.answer = (response, message) => {
    if (!message.isGenuine) return void response.writeHead(401).end();
    const { data } = JSON.parse(message.body) as Message;
    if (message.path === '/status') return void response.end(JSON.stringify({ active: !acting.dead.has(data.token.handle ?? '') }));
    const asked = { id: message.id, operation: data.operation ?? 'do', handle: data.token.handle ?? '', atMs: now() };
    switch (acting.mood(asked)) {
      case 'fair':
        done(message, data);
        return void response.writeHead(204).end();
      case 'hangs':
        acting.deliveries.push(asked);
        return;
      case 'is late':
        done(message, data);
        return void sleep(lateMs).then(() => response.writeHead(204).end());
      case 'fails':
        acting.deliveries.push(asked);
        return void response.writeHead(500).end();
      case 'is reset when done':
        done(message, data);
        return void response.destroy();
    }
  };
  return acting;
}
