import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findUrlFault, isPublicAddress, resolveChecked, type Resolve } from '../../src/outbound/egress.ts';
import { root } from '../support/source.ts';

const strict = { allowPrivate: false };
const open = { allowPrivate: true };
const answering = (...addresses: string[]): Resolve => () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const nowhere: Resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));

/** What would be connected to. */
async function reached(text: string, resolve: Resolve): Promise<unknown> {
  if (findUrlFault(text, strict) !== null) return null;
  return resolveChecked(new URL(text), strict, resolve).catch(() => null);
}

test.each([
  'http://example.com/', 'ftp://example.com/', 'not a url', '//example.com/', 'https:///', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x',
  'https://user:secret@example.com/', 'https://example.com:22/', 'https://example.com:9200/', 'https://example.com/%0d%0aX-Injected:1', 'https://example.com/?q=%00',
  'https://localhost/', 'https://app.localhost/', 'https://localhost./', 'http://127.0.0.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/',
  'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::127.0.0.1]/', 'https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/', 'https://[2001:0:7f00:1::]/',
  'https://[fe80::1]/', 'https://[fec0::1]/', 'https://[fd00:ec2::254]/', 'https://[ff02::1]/', 'https://169.254.169.254/', 'https://168.63.129.16/', 'https://10.0.0.1/',
  'https://100.64.0.1/', 'https://192.168.1.1/', 'https://172.31.0.1/', 'https://0.0.0.0/', 'https://255.255.255.255/', 'https://192.0.2.1/', 'https://①②⑦.⓪.⓪.①/',
])('%s is refused', (text) => {
  expect(findUrlFault(text, strict)).not.toBeNull();
});

test.each(['https://example.com/hook?x=1', 'https://example.com:8443/', 'https://8.8.8.8/', 'https://[2606:4700::1111]/', 'https://xn--bcher-kva.example/'])('%s is fine', (text) => {
  expect(findUrlFault(text, strict)).toBeNull();
});

test('private receivers need the word of the operator, and plain http only serves this machine', () => {
  expect(findUrlFault('https://10.0.0.1:9999/', open)).toBeNull();
  expect(findUrlFault('http://127.0.0.1:9999/', open)).toBeNull();
  expect(findUrlFault('http://[::1]:9999/', open)).toBeNull();
  expect(findUrlFault('http://localhost:9999/', open)).toBeNull();
  expect(findUrlFault('http://10.0.0.1/', open)).toMatch('https://');
  expect(findUrlFault('http://receiver.internal/', open)).toMatch('https://');
  expect(findUrlFault('https://user@10.0.0.1/', open)).toMatch('user name');
});

test('a name is judged by every address that it has at the moment', async () => {
  const url = new URL('https://receiver.example/');
  expect(await resolveChecked(url, strict, answering('8.8.8.8', '2606:4700::1111'))).toEqual([{ address: '8.8.8.8', family: 4 }, { address: '2606:4700::1111', family: 6 }]);
  expect(await resolveChecked(url, strict, answering('8.8.8.8', '10.0.0.1'))).toBeNull();
  expect(await resolveChecked(url, strict, answering('::ffff:169.254.169.254'))).toBeNull();
  expect(await resolveChecked(url, strict, answering())).toBeNull();
  expect(await resolveChecked(url, strict, answering(...Array.from({ length: 17 }, () => '8.8.8.8')))).toBeNull();
  expect(await resolveChecked(url, open, answering('10.0.0.1'))).toEqual([{ address: '10.0.0.1', family: 4 }]);
});

test('addresses in IPv6 clothes are judged by what they are', () => {
  expect(['::ffff:8.8.8.8', '8.8.8.8', '2606:4700::1111', '2a00:1450::1'].map(isPublicAddress)).toEqual([true, true, true, true]);
  expect(['::ffff:10.0.0.1', '::ffff:a00:1', '::', '64:ff9b:1::a00:1', '3fff::1', '2001:db8::1', 'fe80::1%eth0', 'no address', ''].map(isPublicAddress)).toEqual(Array(9).fill(false));
});

const targets = join(root, '../shared/data/hostile/own/ssrf-targets.txt');
test.skipIf(!existsSync(targets))('none of the collected targets is reached', async () => {
  const lines = readFileSync(targets, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(90);
  const through: string[] = [];
  for (const line of lines) if (await reached(line, nowhere) !== null) through.push(line);
  expect(through).toEqual([]);
});
