import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PushSource, type PushAnswer, type PushOptions, type PushRequest } from '../../../src/ingest/push/source.ts';
import { openSpool, type SqliteSpool } from '../../../src/store/spool.ts';
import { makeFolder } from '../../store/support.ts';
import { ecsLine, Kept, normalizers } from './support.ts';

interface Made { readonly source: PushSource; readonly spool: SqliteSpool; readonly file: string; push(body: string | Uint8Array, more?: Partial<PushRequest>): Promise<Told> }
interface Told extends PushAnswer { readonly told: { records: number; accepted: number; ignored: number; refused: { total: number; reasons: object; first: unknown[] }; error?: string } }

function made(options: Partial<PushOptions> = {}, capacityBytes?: number, file = join(makeFolder(), 'spool.db')): Made {
  const spool = openSpool(file, capacityBytes === undefined ? {} : { capacityBytes });
  onTestFinished(() => spool.close());
  const source = new PushSource({ name: 'edge', spool, normalizerOf: normalizers('edge'), ...options });
  onTestFinished(() => source.stop());
  const push = async (body: string | Uint8Array, more: Partial<PushRequest> = {}): Promise<Told> => {
    const answer = await source.receive({ format: 'ecs', batchId: null, encoding: '', body: Buffer.from(body), ...more });
    return { ...answer, told: JSON.parse(answer.body) as Told['told'] };
  };
  return { source, spool, file, push };
}

async function delivered(source: PushSource, kept = new Kept()): Promise<Kept> {
  await source.start(kept);
  await expect.poll(() => kept.caughtUps + kept.stops.length).toBeGreaterThan(0);
  return kept;
}

const three = [1, 2, 3].map((n) => ecsLine(`e-${n}`));

describe('a batch', () => {
  it.each([
    ['lines', three.join('\n'), ''], ['an array', `[${three.join(',')}]`, ''], ['an envelope', `{"records":[${three.join(',')}]}`, ''],
    ['gzip', gzipSync(three.join('\n')), 'gzip'], ['gzip in parts', Buffer.concat(three.map((line) => gzipSync(`${line}\n`))), 'GZIP'],
    ['zstd', zstdCompressSync(three.join('\n')), 'zstd'], ['zstd in frames', Buffer.concat(three.map((line) => zstdCompressSync(`${line}\n`))), 'zstd'],
  ])('comes as %s', async (_, body, encoding) => {
    const { source, push } = made();
    const { status, told } = await push(body, { encoding });
    expect([status, told.records, told.accepted, told.refused.total]).toEqual([202, 3, 3, 0]);
    const kept = await delivered(source);
    expect(kept.eventIds).toEqual(['e-1', 'e-2', 'e-3']);
    expect(kept.deliveries[0]).toMatchObject({ feed: 'http/edge', source: 'edge', items: [], ignored: 0 });
    expect(kept.deliveries[0]!.events![0]).toMatchObject({ source: 'edge', path: 'http/edge' });
  });

  it('is answered with what became of its records, without their content', async () => {
    const { source, push } = made();
    const secret = 'secret-value';
    const { status, body, told } = await push(`${three[0]}\n{"@timestamp":"${secret}"\n{"unknown":"${secret}"}\n${ecsLine('e-9', { '@timestamp': 'never' })}\n`);
    expect([status, told]).toMatchObject([202, { records: 4, accepted: 1, ignored: 0, refused: { total: 3 } }]);
    expect(told.refused.first).toHaveLength(3);
    expect(body).not.toContain(secret);
    const { items, events, ignored } = (await delivered(source)).deliveries[0]!;
    expect([items.length, events!.length, ignored]).toEqual([3, 1, 0]);
    expect(Object.values(told.refused.reasons)).toEqual(expect.arrayContaining([1]));
  });

  it('of another format than told is refused record by record', async () => {
    const { push } = made();
    const { told } = await push(three.join('\n'), { format: 'envoy.access' });
    expect(told.refused).toMatchObject({ total: 3, reasons: { not_authorised: 3 } });
  });

  it.each([
    ['an unknown format', { format: 'nothing' }, 404, 'unknown_format'], ['a format the source does not carry', { format: 'vault.audit' }, 404, 'unknown_format'],
    ['an unknown encoding', { encoding: 'br' }, 415, 'unknown_encoding'], ['damaged gzip', { encoding: 'gzip' }, 400, 'bad_compression'],
    ['an id with blanks', { batchId: 'a b' }, 400, 'bad_batch_id'], ['an id too long', { batchId: 'x'.repeat(129) }, 400, 'bad_batch_id'],
  ])('with %s is refused whole', async (_, more, status, error) => {
    const { spool, push } = made();
    const answer = await push(three.join('\n'), more);
    expect([answer.status, answer.told.error, answer.result, spool.usedBytes]).toEqual([status, error, 'refused', 0]);
  });

  it.each([['gzip', gzipSync(Buffer.alloc(64 << 20, 'x'))], ['zstd', zstdCompressSync(Buffer.alloc(64 << 20, 'x'))]])('that bursts (%s) is refused', async (encoding, body) => {
    const { push } = made();
    const before = process.memoryUsage().rss;
    expect([(await push(body, { encoding })).status, body.length < 100_000]).toEqual([413, true]);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 << 20);
  });

  it('of a format met before takes up the same normalizer', async () => {
    const asked: string[] = [];
    const of = normalizers('edge');
    const { push } = made({ normalizerOf: (format) => { asked.push(format); return of(format); } });
    for (const format of ['ecs', 'ecs', '__proto__', 'envoy.access', '__proto__', 'ecs']) await push(three[0]!, { format });
    expect(asked).toEqual(['ecs', '__proto__', 'envoy.access', '__proto__']);
  });

  it('of too many records is refused', async () => {
    const { push } = made();
    expect((await push('x\n'.repeat(60_000))).told.error).toBe('too_many_records');
  });

  it('leaves the event loop free while it is worked on', async () => {
    const { push } = made();
    let turns = 0;
    const timer = setInterval(() => { turns++; }, 1);
    const lines = Array.from({ length: 20_000 }, (_, n) => ecsLine(`e-${n}`)).join('\n');
    expect((await push(lines)).told.accepted).toBe(20_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });
});

describe('secrets', () => {
  it('do not rest on disk', async () => {
    const { source, file, push } = made({ normalizerOf: normalizers('edge', ['vault.audit', 'ecs', 'keycloak.events', 'aws.cloudtrail']) });
    const canary = 's.CANARYcanaryCANARY01234';
    const record = JSON.stringify({
      time: '2026-11-22T02:14:00Z', type: 'response', auth: { client_token: canary, accessor: 'acc-1', token_type: 'service' },
      request: { id: 'r-1', operation: 'read', client_token: canary, path: 'secret/data/x', remote_address: '203.0.113.7' }, response: { data: { value: canary } },
    });
    expect((await push(`${record}\n${record.slice(0, 200)}\n`, { format: 'vault.audit' })).told).toMatchObject({ accepted: 1, refused: { total: 1 } });
    const kept = await delivered(source);
    expect(kept.deliveries[0]!.events![0]!.token).toMatch(/^[\w-]+\.[\w-]+$/);
    for (const name of [file, `${file}-wal`]) expect(readFileSync(name).includes(canary)).toBe(false);
  });
});

describe('a batch that is sent again', () => {
  it('is answered as the first time and adds nothing, over a restart too', async () => {
    const first = made();
    const one = await first.push(three.join('\n'), { batchId: 'b-1' });
    const two = await first.push(gzipSync(three.join('\n')), { batchId: 'b-1', encoding: 'gzip' });
    expect([two.status, two.body, two.result]).toEqual([202, one.body, 'repeated']);
    first.spool.close();
    const second = made({}, undefined, first.file);
    expect(await second.push(three.join('\n'), { batchId: 'b-1' })).toMatchObject({ status: 202, body: one.body, result: 'repeated' });
    expect((await delivered(second.source)).eventIds).toEqual(['e-1', 'e-2', 'e-3']);
  });

  it('at the same time is one batch', async () => {
    const { source, push } = made();
    const lines = Array.from({ length: 2000 }, (_, n) => ecsLine(`e-${n}`)).join('\n');
    const answers = await Promise.all([push(lines, { batchId: 'b-1' }), push(lines, { batchId: 'b-1' })]);
    expect(answers.map(({ status, result }) => `${status} ${result}`)).toEqual(['202 accepted', '202 repeated']);
    expect((await delivered(source)).eventIds).toHaveLength(2000);
  });

  it('with other content, or as another format, is refused', async () => {
    const { push } = made();
    await push(three[0]!, { batchId: 'b-1' });
    expect((await push(three[1]!, { batchId: 'b-1' })).told.error).toBe('batch_id_reused');
    expect((await push(three[0]!, { batchId: 'b-1', format: 'envoy.access' })).told.error).toBe('batch_id_reused');
  });

  it('without an id counts again; with one it counts once for each source', async () => {
    const { source, spool, push } = made();
    const other = new PushSource({ name: 'iam', spool, normalizerOf: normalizers('iam') });
    await push(three[0]!);
    await push(three[0]!);
    await push(three[0]!, { batchId: 'b-1' });
    expect((await other.receive({ format: 'ecs', batchId: 'b-1', encoding: '', body: Buffer.from(three[0]!) })).result).toBe('accepted');
    expect((await delivered(source)).eventIds).toHaveLength(3);
    expect((await delivered(other)).deliveries.map(({ feed }) => feed)).toEqual(['http/iam']);
    await other.stop();
  });

  it('a day later is a new one with the same event ids', async () => {
    let nowMs = Date.UTC(2026, 10, 22);
    const { source, push } = made({ now: () => nowMs });
    const line = ecsLine('').replace('"id":"",', '');
    await push(line, { batchId: 'b-1' });
    nowMs += 25 * 3_600_000;
    await push(line, { batchId: 'b-2' });
    expect((await push(line, { batchId: 'b-1' })).result).toBe('accepted');
    const ids = (await delivered(source)).eventIds;
    expect([ids.length, ids[0] === ids[2], ids[0] === ids[1]]).toEqual([3, true, false]);
  });
});

describe('the spool', () => {
  it('that is full asks to come again later, and has room after a checkpoint', async () => {
    const { source, push } = made({}, 2000);
    const kept = new Kept();
    await source.start(kept);
    const results: string[] = [];
    for (let n = 0; n < 12; n++) results.push((await push(ecsLine(`e-${n}`), { batchId: `b-${n}` })).result);
    expect(new Set(results)).toEqual(new Set(['accepted', 'full']));
    const refusedAt = results.indexOf('full');
    const again = await push(ecsLine(`e-${refusedAt}`), { batchId: `b-${refusedAt}` });
    expect([again.status, again.retryAfterSeconds]).toEqual([429, 10]);
    await expect.poll(() => kept.deliveries.length).toBe(refusedAt);
    await source.checkpointed(kept.positions);
    expect((await push(ecsLine(`e-${refusedAt}`), { batchId: `b-${refusedAt}` })).status).toBe(202);
    expect(source.health()).toMatchObject({ ok: true, detail: 'listens' });
  });

  it('is read on from the stored position; what a checkpoint covered is gone', async () => {
    const first = made();
    for (const [n, line] of three.entries()) await first.push(line, { batchId: `b-${n}` });
    const kept = await delivered(first.source);
    const position = kept.deliveries[1]!.position;
    await first.source.checkpointed(new Map([['http/edge', position], ['http/other', 'x:9']]));
    await first.source.stop();
    first.spool.close();
    const second = made({}, undefined, first.file);
    expect(second.spool.waiting('edge', 0)).toBe(1);
    expect((await delivered(second.source, new Kept(new Map([['http/edge', position]])))).eventIds).toEqual(['e-3']);
    expect((await second.push(three[0]!, { batchId: 'b-0' })).result).toBe('repeated');
  });

  it('a position in a spool that was lost hides nothing in the new one', async () => {
    const { source, push } = made();
    await push(three[0]!);
    expect((await delivered(source, new Kept(new Map([['http/edge', '0123456789abcdef:500']])))).eventIds).toEqual(['e-1']);
  });

  it('numbers are not used again after everything is gone', async () => {
    const { source, spool, push } = made();
    await push(three[0]!);
    const kept = await delivered(source);
    await source.checkpointed(kept.positions);
    expect([spool.usedBytes, spool.waiting('edge', 0)]).toEqual([0, 0]);
    await push(three[1]!);
    await expect.poll(() => kept.eventIds).toEqual(['e-1', 'e-2']);
  });

  it('of another version stops the feed and keeps what it holds', async () => {
    const { source, spool } = made();
    spool.append({ source: 'edge', batchId: 'b', contentHash: '', answer: '{}', receivedMs: 1, payload: '{"ignored":0,"refusals":[]}\n[1,2,3]' });
    const kept = await delivered(source);
    expect(kept.stops).toEqual(['http/edge: the spool is unreadable, or another version wrote it: let that version empty it']);
    expect([source.health().ok, kept.deliveries, spool.waiting('edge', 0)]).toEqual([false, [], 1]);
  });

  it('is not read while the source is paused, or while a delivery is under way', async () => {
    const { source, push } = made();
    const kept = new Kept();
    source.pause();
    await source.start(kept);
    await push(three[0]!);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect([kept.deliveries.length, source.health().lag]).toEqual([0, 1]);
    let open = (): void => undefined;
    kept.gate = new Promise((resolve) => { open = resolve; });
    source.resume();
    await push(three[1]!);
    await push(three[2]!);
    expect(kept.deliveries).toEqual([]);
    open();
    await expect.poll(() => kept.eventIds).toEqual(['e-1', 'e-2', 'e-3']);
  });
});
