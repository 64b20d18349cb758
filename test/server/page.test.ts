import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../store/support.ts';
import { liveServer } from './live-support.ts';

function builtPage(): string {
  const folder = makeFolder();
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(dist, 'index.html'), '<title>Tokenward</title>');
  writeFileSync(join(dist, 'assets/index-a1b2c3d4.js'), 'export {}');
  writeFileSync(join(dist, 'icon.svg'), '<svg/>');
  writeFileSync(join(dist, 'odd.exe'), 'odd');
  return dist;
}

/** As a client sends it: not cleaned up on the way. */
async function statusOf(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).not.toContain('secret');
  return text.slice(9, 12);
}

test('the built page is served as it is, by strict rules, names with a hash for good', async () => {
  const { url } = await liveServer({ pageDir: builtPage() });
  const page = await fetch(url);
  expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([200, '<title>Tokenward</title>', 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    + "frame-ancestors 'none'; require-trusted-types-for 'script'");
  expect([page.headers.get('cache-control'), page.headers.get('x-content-type-options')]).toEqual(['no-cache', 'nosniff']);
  const script = await fetch(`${url}/assets/index-a1b2c3d4.js`);
  expect([script.headers.get('content-type'), script.headers.get('cache-control')]).toEqual(['text/javascript; charset=utf-8', 'public, max-age=31536000, immutable']);
  expect((await fetch(`${url}/icon.svg`)).headers.get('cache-control')).toBe('no-cache');
});

test('nothing beside it is', async () => {
  const { port } = await liveServer({ pageDir: builtPage() });
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '//secret.txt', '/assets/', '/odd.exe', '/index.html', '/assets%00']) {
    expect([path, await statusOf(port, path)]).toEqual([path, '404']);
  }
});

test('without a built page, a plain one says how to build it', async () => {
  for (const pageDir of [null, '/nowhere']) expect(await (await fetch((await liveServer({ pageDir })).url)).text()).toContain('npm run page');
});
