import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PushRequest } from '../../src/ingest/push/source.ts';
import { Credentials, readCredentials } from '../../src/server/credentials.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/http.ts';
import { judge, type Condition } from '../../src/server/readiness.ts';
import { Metrics } from '../../src/service/metrics.ts';
import { makeFolder } from '../store/support.ts';

const fine: Condition = {
  nowMs: 100_000, running: true, storeProblem: null, lastCheckpointMs: 97_000,
  sources: [{ name: 'edge', health: { ok: true, lastFetchMs: 99_000, lag: 3, detail: 'reads' } }],
  sinks: [{ name: 'siem', condition: 'failing', waiting: 7, waitingMs: 60_000, detail: 'no connection' }],
};

function credentials(...tokens: string[]): Credentials {
  return new Credentials(tokens.map((token) => createHash('sha256').update(token).digest()));
}

/** A running server that is closed with the test. */
async function running(options: Partial<ServerOptions> = {}, condition: Condition = fine): Promise<RunningServer & { url: string; refused: string[] }> {
  const metrics = new Metrics();
  const refused: string[] = [];
  const server = await startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => judge(condition),
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }), onRefused: (reason) => refused.push(reason), ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, url: `http://127.0.0.1:${server.port}`, refused };
}

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

describe('probes', () => {
  it('say that the process lives, that it works, and what it counts', async () => {
    const { url } = await running();
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    expect(health.headers.get('x-content-type-options')).toBe('nosniff');
    expect(health.headers.get('content-security-policy')).toContain("default-src 'none'");
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, {
      ready: true, reasons: [], store: { writable: true, lastCheckpointAgeSeconds: 3 },
      sources: [{ name: 'edge', ok: true, lastFetchAgeSeconds: 1, lagRecords: 3, detail: 'reads' }],
      sinks: [{ name: 'siem', condition: 'failing', waiting: 7, waitingMs: 60_000, detail: 'no connection' }],
    }]);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('# TYPE tokenward_events_total counter');
  });

  it('tell why the service is not ready', async () => {
    const { url } = await running({}, {
      ...fine, running: false, storeProblem: 'the disk is full', lastCheckpointMs: null,
      sources: [{ name: 'edge', health: { ok: false, lastFetchMs: null, lag: null, detail: 'no broker answers' } }],
      sinks: [{ name: 'siem', condition: 'full', waiting: 9, waitingMs: 60_000, detail: 'its outbox is full' }],
    });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect((await ready.json() as { reasons: string[] }).reasons).toEqual([
      'the service is starting or stopping', 'store: the disk is full', 'source edge: no broker answers', 'sink siem: its outbox is full',
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('tell strangers no more than that, where there is a token', async () => {
    const { url, refused } = await running({ credentials: credentials('right') });
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
    expect(Object.keys(await (await fetch(`${url}/readyz`, bearer('right'))).json() as object)).toContain('sources');
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, bearer('wrong'))).status).toBe(401);
    expect((await fetch(`${url}/metrics`, bearer('right'))).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(refused).toEqual(['unauthenticated', 'unauthenticated']);
  });
});

describe('where it listens', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1'])('refuses %s without authentication', async (host) => {
    await expect(running({ host })).rejects.toThrow(/nothing authenticates them: set server.credentials_file/);
  });
  it('takes any address with authentication', async () => {
    const { port } = await running({ host: '0.0.0.0', credentials: credentials('right') });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, bearer('right'))).status).toBe(200);
  });
  it('says that a port is taken, or that a name is none', async () => {
    const { port } = await running();
    await expect(running({ port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
    await expect(running({ host: 'logs.example.org' })).rejects.toThrow('"logs.example.org" is no address');
  });
  it('answers a browser only under its own address, so that no page reads it by another name', async () => {
    const { port } = await running();
    const status = async (host: string): Promise<number> => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return Number(text.slice(9, 12));
    };
    expect(await Promise.all(['evil.example', `evil.example:${port}`, `localhost:${port}`, `127.0.0.1:${port}`, '[::1]:80'].map(status))).toEqual([421, 421, 200, 200, 200]);
  });
});

describe('limits', () => {
  const target = { name: 'edge', credentials: credentials('right'), receive: async () => ({ status: 202, body: '{}', result: 'accepted' as const, retryAfterSeconds: null }) };

  it('long headers, long bodies and unknown paths are refused without quoting them', async () => {
    const { url } = await running({ push: [target], maxBodyBytes: 1000 });
    const long = await fetch(`${url}/healthz`, { headers: { 'x-long': 'x'.repeat(20_000) } }).then((answer) => answer.status);
    expect(long).toBe(431);
    const body = await fetch(`${url}/ingest/ecs`, { method: 'POST', body: 'x'.repeat(1001), ...bearer('right') });
    expect([body.status, await body.json()]).toEqual([413, { error: 'too_large' }]);
    const path = await fetch(`${url}/secret-in-a-path?token=secret`);
    expect([path.status, await path.json()]).toEqual([404, { error: 'not_found' }]);
    expect((await fetch(`${url}/ingest/ecs`, bearer('right'))).status).toBe(404);
    expect((await fetch(`${url}/%c0%af`)).status).toBe(400);
  });

  it('what is no HTTP ends the connection, the server goes on', async () => {
    const { url, port } = await running();
    for (const bytes of ['\0\0\0\0', 'GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', '\x16\x03\x01\x02\0']) {
      const socket = connect(port, '127.0.0.1');
      socket.end(bytes);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('only few bodies are held at once', async () => {
    const { url, port } = await running({ push: [target] });
    const slow = Array.from({ length: 8 }, () => {
      const sent = request({ port, host: '127.0.0.1', path: '/ingest/ecs', method: 'POST', headers: { authorization: 'Bearer right', 'content-length': 10 } });
      sent.on('error', () => undefined);
      sent.write('x');
      return sent;
    });
    const push = async (): Promise<number> => (await fetch(`${url}/ingest/ecs`, { method: 'POST', body: '1', ...bearer('right') })).status;
    await expect.poll(push).toBe(429);
    for (const sent of slow) sent.destroy();
    await expect.poll(push).toBe(202);
  });
});

describe('pushes', () => {
  it('reach the source whose token they carry, packed as they came', async () => {
    const got: [string, PushRequest][] = [];
    const target = (name: string, token: string) => ({
      name, credentials: credentials(token),
      receive: async (pushed: PushRequest) => {
        got.push([name, pushed]);
        return { status: 202, body: '{"batch":"7"}', result: 'accepted' as const, retryAfterSeconds: null };
      },
    });
    const { url, refused } = await running({ push: [target('edge', 'one'), target('iam', 'two')] });
    const answer = await fetch(`${url}/ingest/aws.cloudtrail`, {
      method: 'POST', body: '{"a":1}', headers: { authorization: 'bearer two', 'idempotency-key': 'b-7', 'content-encoding': 'gzip', 'content-type': 'application/json' },
    });
    expect([answer.status, await answer.text()]).toEqual([202, '{"batch":"7"}']);
    expect(got).toEqual([['iam', { format: 'aws.cloudtrail', batchId: 'b-7', encoding: 'gzip', body: Buffer.from('{"a":1}') }]]);
    expect((await fetch(`${url}/ingest/ecs`, { method: 'POST', body: 'x', ...bearer('three') })).status).toBe(401);
    expect((await fetch(`${url}/ingest/ecs`, { method: 'POST', body: 'x' })).status).toBe(401);
    expect([got.length, refused]).toEqual([1, ['unauthenticated', 'unauthenticated']]);
  });

  it('that find no room are told when to come again', async () => {
    const target = {
      name: 'edge', credentials: credentials('right'),
      receive: async () => ({ status: 429, body: '{"error":"spool_full"}', result: 'full' as const, retryAfterSeconds: 10 }),
    };
    const { url } = await running({ push: [target] });
    const answer = await fetch(`${url}/ingest/ecs`, { method: 'POST', body: 'x', ...bearer('right') });
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([429, '10', { error: 'spool_full' }]);
  });

  it('that fail inside are to be sent again', async () => {
    const target = { name: 'edge', credentials: credentials('right'), receive: () => Promise.reject(new Error('secret detail')) };
    const { url } = await running({ push: [target] });
    const answer = await fetch(`${url}/ingest/ecs`, { method: 'POST', body: 'x', ...bearer('right') });
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '10', '{"error":"failed"}']);
  });

  it('two sources with one token are refused at the start', async () => {
    const target = (name: string) => ({ name, credentials: credentials('same', name), receive: () => Promise.reject(new Error('never')) });
    await expect(running({ push: [target('edge'), target('iam')] })).rejects.toThrow('edge and iam share a token');
  });
});

describe('files of credentials', () => {
  const file = (text: string): string => {
    const path = join(makeFolder(), 'tokens');
    writeFileSync(path, text);
    return path;
  };
  const hash = (token: string): string => createHash('sha256').update(token).digest('hex');

  it('hold hashes as sha256sum writes them', () => {
    const read = readCredentials(file(`# of the edge\n${hash('old')}  -\n\nsha256:${hash('new')}\n`));
    expect(['Bearer old', 'bearer new', 'Bearer  new ', 'Bearer other', 'Bearer ', 'Basic old', '', undefined, `Bearer ${hash('old')}`].map((header) => read.accepts(header)))
      .toEqual([true, true, true, false, false, false, false, false, false]);
  });
  it.each([['a token', 'secret-token', /is no SHA-256/], ['nothing', '# none\n', /holds no token/], ['the hash of nothing', hash(''), /empty token/]])('refuse %s', (_, text, message) => {
    expect(() => readCredentials(file(text))).toThrow(message);
    expect(() => readCredentials(file(text))).not.toThrow(/secret/);
  });
  it('must be there', () => {
    expect(() => readCredentials('/nowhere/tokens')).toThrow('/nowhere/tokens cannot be read (ENOENT)');
  });
});
