import { expect, test } from 'vitest';
import { noHandover, type Handover } from '../../../src/model/intent.ts';
import { open } from './providers/support.ts';
import { fileWith, intentOf, serve, signal } from './support.ts';

interface Message { readonly type: string; readonly id: string; readonly data: { readonly operation: string; readonly replacement?: string; readonly token: { readonly handle: string } } }

/** A holder that gives these answers in turn to `make`, and takes all else. */
async function holder(...answers: readonly (readonly [number, object])[]) {
  const messages: Message[] = [];
  const left = [...answers];
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => { body += part.toString(); });
    request.on('end', () => {
      const message = { ...JSON.parse(body) as Message, id: request.headers['webhook-id'] as string };
      messages.push(message);
      const [status, answer] = message.data.operation === 'make' ? left.shift()! : [200, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const secret = fileWith(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  const action = open({ type: 'webhook', url, secret_file: secret, does: ['rotate'], patience: '2h' });
  let handover: Handover = noHandover;
  const make = () => action.rotation!.handOver(intentOf({ kind: 'rotate', handover }), (change) => handover = { ...handover, ...change }, signal);
  return { messages, action, make, now: () => handover };
}

test('the holder makes another one, and tells its public id once it stands; then it is told to end the old one', async () => {
  const { messages, action, make, now } = await holder([202, {}], [200, { handle: 'jti-2' }]);
  expect([action.kinds, action.rotation!.patienceMs]).toEqual([['rotate'], 7_200_000]);
  expect(await make()).toEqual({ kind: 'retry', reason: 'not_rotated_yet' });
  expect(now().made).toBeNull();
  expect([await make(), now().made]).toEqual([{ kind: 'done' }, 'jti-2']);
  expect(await action.perform(intentOf({ kind: 'rotate', handover: { ...now(), phase: 'cutting' } }), signal)).toEqual({ kind: 'done' });
  const { id } = intentOf();
  expect(messages.map(({ id: one, type, data: { operation, token, replacement } }) => [one, type, operation, token.handle, replacement])).toEqual([
    [`${id}-make`, 'tokenward.token.rotate', 'make', 'jti-1', undefined], [`${id}-make`, 'tokenward.token.rotate', 'make', 'jti-1', undefined],
    [id, 'tokenward.token.rotate', 'do', 'jti-1', 'jti-2'],
  ]);
});

test.each([
  [[200, { handle: 'jti-1' }], 'answer_not_readable'], [[200, { handle: 'a secret with words' }], 'answer_not_readable'], [[403, { handle: 'jti-2' }], 'http_403'],
] as const)('%j is no new credential', async (answer, reason) => {
  const { make, now } = await holder(answer);
  expect([await make(), now().made]).toEqual([{ kind: 'failed', reason }, null]);
});
