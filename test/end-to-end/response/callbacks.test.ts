import { createHmac, randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { Chance } from '../../support/logs/random.ts';
import { startDocumentedReceiver } from '../../support/receivers/documented-receiver.ts';

interface Message { readonly id: string; readonly seconds: number; readonly signature: string; readonly body: string }

const key = randomBytes(32);
const now = (): number => Math.floor(Date.now() / 1000);
const bodyOf = (handle: string): string => JSON.stringify({ type: 'tokenward.token.deny', data: { operation: 'do', token: { handle } } });

function signed(id: string, seconds: number, body: string, by = key, scheme = 'v1'): Message {
  return { id, seconds, body, signature: `${scheme},${createHmac('sha256', by).update(`${id}.${seconds}.${body}`).digest('base64')}` };
}

/** Every way to come by a message that is not ours, from one that is. */
const forgeries: Readonly<Record<string, (genuine: Message, chance: Chance) => Message>> = {
  'by another key': ({ id, seconds, body }) => signed(id, seconds, body, randomBytes(32)),
  'without a signature': (genuine) => ({ ...genuine, signature: '' }),
  'of another scheme': ({ id, seconds, body }) => signed(id, seconds, body, key, 'v1a'),
  'with a bit of the signature changed': (genuine, chance) => {
    const bytes = Buffer.from(genuine.signature.slice(3), 'base64');
    bytes[chance.whole(0, bytes.length - 1)]! ^= 1 << chance.whole(0, 7);
    return { ...genuine, signature: `v1,${bytes.toString('base64')}` };
  },
  'with a shorter signature': (genuine, chance) => ({ ...genuine, signature: genuine.signature.slice(0, chance.whole(3, 40)) }),
  'for another token': (genuine, chance) => ({ ...genuine, body: bodyOf(`victim-${chance.whole(0, 99)}`) }),
  'taken back': (genuine) => ({ ...genuine, body: genuine.body.replace('"do"', '"undo"') }),
  'under another id': (genuine, chance) => ({ ...genuine, id: `${genuine.id}-${chance.whole(0, 99)}` }),
  'with another time': (genuine, chance) => ({ ...genuine, seconds: genuine.seconds + chance.whole(1, 200) }),
  'from before': ({ id, body }, chance) => signed(id, now() - chance.whole(305, 90_000), body),
  'from later': ({ id, body }, chance) => signed(id, now() + chance.whole(310, 90_000), body),
  'with the parts put elsewhere': ({ id, seconds, body, signature }) => ({ id: `${id}.${seconds}`, seconds: 0, body, signature }),
};

const inAll = 3_000;
const atOnce = 40;

test(`of ${inAll} messages that are forged, changed, old, or come again none does anything; the genuine one does, once`, async () => {
  const folder = makeFolder();
  const receiver = await startDocumentedReceiver({ folder, secrets: `whsec_${key.toString('base64')}\n`, denyFile: `${folder}/denied.txt` });
  onTestFinished(() => receiver.stop());
  const send = async ({ id, seconds, signature, body }: Message): Promise<number> => {
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature };
    const answer = await fetch(receiver.url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  };
  const genuine = signed('genuine', now(), bodyOf('stolen'));
  expect(await send(genuine)).toBe(200);
  const chance = new Chance(11);
  const ways = Object.entries(forgeries);
  const accepted: string[] = [];
  for (let from = 0; from < inAll; from += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, async (_, place) => {
      const [way, forge] = ways[(from + place) % ways.length]!;
      const status = await send(forge(signed(`id-${from + place}`, now(), bodyOf(`other-${from + place}`)), chance));
      if (status !== 401) accepted.push(`${way}: ${status}`);
    }));
  }
  expect(accepted).toEqual([]);
  // What was undone since is not done again by who has seen the message.
  expect(await send(signed('genuine-undo', now(), genuine.body.replace('"do"', '"undo"')))).toBe(200);
  expect(new Set(await Promise.all(Array.from({ length: 50 }, () => send(genuine))))).toEqual(new Set([200]));
  expect(receiver.denied()).toEqual([]);
}, 60_000);
