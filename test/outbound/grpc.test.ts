import { status } from '@grpc/grpc-js';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { GrpcRequest } from '../../src/outbound/grpc-port.ts';
import { findGrpcFault, grpcClient, type GrpcOptions } from '../../src/outbound/grpc.ts';
import { spireSchema } from '../../src/respond/actions/spire/schema.ts';
import { domain, entryOf, startSpire, type FakeSpire } from '../support/providers/spire.ts';
import { makeFolder } from '../store/support.ts';

const signal = new AbortController().signal;
const list: GrpcRequest = { method: 'spire.api.server.entry.v1.Entry/ListEntries', message: {} };
const count: GrpcRequest = { method: 'spire.api.server.agent.v1.Agent/CountAgents', message: {} };

function optionsOf({ address, files }: Pick<FakeSpire, 'address' | 'files'>, change: Partial<GrpcOptions> = {}): GrpcOptions {
  const proof = files === null ? null : {
    certificateFile: files.own.certificateFile, keyFile: files.own.keyFile, bundleFile: files.bundleFile, serverId: `spiffe://${domain}/spire/server`,
  };
  return { address, schema: spireSchema, proof, allowPrivate: true, ...change };
}

const failed = (reason: string) => ({ kind: 'failed', reason });

/** Takes connections and says nothing. */
async function silent(): Promise<string> {
  const path = join(makeFolder(), 'silent.sock');
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return path;
}

test('an answer, with what was left out as its standard value; what is kept as bytes can be read', async () => {
  const fake = await startSpire();
  fake.entries.set('one', entryOf('one'));
  const answer = await grpcClient(optionsOf(fake))(list, signal);
  expect(answer).toMatchObject({ kind: 'answered', code: 0, message: { next_page_token: '' } });
  const { message, read } = answer as Extract<typeof answer, { kind: 'answered' }>;
  expect(read('spire.api.types.Entry', (message!['entries'] as Uint8Array[])[0]!)).toMatchObject({ id: 'one', admin: false, selectors: [{ type: 'unix', value: 'uid:one' }] });
  expect(await grpcClient(optionsOf(fake))(count, signal)).toMatchObject({ code: 0, message: { count: 0 } });
});

test('nobody there, a file that is no socket, and somebody who says nothing', async () => {
  const at = (address: string, change: Partial<GrpcOptions> = {}) => grpcClient(optionsOf({ address, files: null }, change));
  expect(await at(join(makeFolder(), 'none.sock'))(count, signal)).toEqual(failed('unreachable'));
  expect(await at(import.meta.filename)(count, signal)).toEqual(failed('host_not_allowed'));
  expect(await at(await silent(), { timeoutMs: 50 })(count, signal)).toEqual(failed('timeout'));
  const stop = new AbortController();
  const asked = at(await silent())(count, stop.signal);
  stop.abort();
  expect(await asked).toEqual(failed('aborted'));
});

test('an answer that is too long is refused', async () => {
  const fake = await startSpire();
  for (let at = 0; at < 40; at++) fake.entries.set(String(at), entryOf(String(at), undefined, { hint: 'x'.repeat(100) }));
  expect(await grpcClient(optionsOf(fake, { maxAnswerBytes: 4096 }))(list, signal)).toEqual(failed('answer_too_long'));
});

test('addresses are checked, whatever the name leads to by now, and they are the ones connected to', async () => {
  const fake = await startSpire({ tls: true });
  const port = fake.address.split(':')[1]!;
  const to = (address: string) => ({ address: `spire.example:${port}`, resolve: () => Promise.resolve([{ address, family: 4 }]) });
  expect(await grpcClient(optionsOf(fake, to('127.0.0.1')))(count, signal)).toMatchObject({ code: 0 });
  const isPublic = { ...to('127.0.0.1'), address: 'spire.example:443', allowPrivate: false };
  expect(await grpcClient(optionsOf(fake, isPublic))(count, signal)).toEqual(failed('address_not_allowed'));
  expect(await grpcClient(optionsOf(fake, { address: '10.0.0.1:443', allowPrivate: false }))(count, signal)).toEqual(failed('host_not_allowed'));
  expect(fake.seen).toEqual(['CountAgents']);
});

test('a proxy of the environment is not used', async () => {
  for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy']) vi.stubEnv(name, 'http://127.0.0.1:1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const fake = await startSpire({ tls: true });
  expect(await grpcClient(optionsOf(fake))(count, signal)).toMatchObject({ code: 0 });
});

test.each([[2_000, 2_000], [90_000, 90_000], [undefined, undefined]])('asked to wait %s ms', async (retryMs, expected) => {
  const fake = await startSpire();
  fake.refusing.set('CountAgents', { code: status.UNAVAILABLE, ...(retryMs === undefined ? {} : { retryMs }) });
  const answer = await grpcClient(optionsOf(fake))(count, signal);
  expect(answer).toMatchObject({ kind: 'answered', code: status.UNAVAILABLE, message: null });
  expect('retryAfterMs' in answer ? answer.retryAfterMs : undefined).toBe(expected);
});

test('an address is a socket without a certificate, or a host with its port and a certificate', () => {
  const proof = { certificateFile: 'a', keyFile: 'b', bundleFile: 'c', serverId: 'spiffe://prod.example/spire/server' };
  const fault = (address: string, isShown: boolean, allowPrivate = true): string | null => findGrpcFault({ address, proof: isShown ? proof : null, allowPrivate });
  expect([fault('/run/spire.sock', false), fault('10.0.0.1:8081', true), fault('[::1]:8081', true)]).toEqual([null, null, null]);
  for (const address of ['10.0.0.1', 'user@10.0.0.1:1', 'https://10.0.0.1:1', '10.0.0.1:1/x', 'host:123456']) {
    expect(fault(address, true), `${address}`).not.toBeNull();
  }
  expect([fault('10.0.0.1:443', true, false), fault('/run/spire.sock', true), fault('10.0.0.1:8081', false)].includes(null)).toBe(false);
});
