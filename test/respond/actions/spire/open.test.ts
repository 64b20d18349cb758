import { status } from '@grpc/grpc-js';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Action, Granted } from '../../../../src/respond/port.ts';
import { entryOf, startSpire } from '../../../support/providers/spire.ts';
import { open } from '../providers/support.ts';
import { fileWith, signal } from '../support.ts';
import { openAt, Step, stolen } from './support.ts';

const asked = async ({ rights }: Action): Promise<readonly Granted[]> => (await rights!.ask(signal)).map(({ granted }) => granted);

test('with the X509-SVID of an administrator; its files are read anew when they were renewed', async () => {
  const fake = await startSpire({ tls: true });
  fake.entries.set('one', entryOf('one'));
  const { own, issue } = fake.files!;
  writeFileSync(own.certificateFile, issue('/ns/jobs/sa/export').certificate);
  const action = openAt(fake, { call: 'entry' });
  expect(await asked(action), 'a certificate that is not that of the key').toEqual(['unreachable']);
  const other = issue('/ns/jobs/sa/export');
  writeFileSync(own.certificateFile, other.certificate);
  writeFileSync(own.keyFile, other.key);
  expect(await asked(action), 'a workload like any other').toEqual(['missing']);
  writeFileSync(own.certificateFile, own.certificate);
  writeFileSync(own.keyFile, own.key);
  expect(await asked(action)).toEqual(['granted']);
  const step = new Step(action, stolen);
  expect([await step.probe(), await step.perform(), await step.probe(), await step.undo()]).toEqual(['alive', { kind: 'done' }, 'dead', { kind: 'done' }]);
  expect(fake.faults).toEqual([]);
});

test('a workload of the trust domain that passes itself off as the server is told nothing', async () => {
  const fake = await startSpire({ tls: true, server: '/ns/jobs/sa/export' });
  const action = openAt(fake, { call: 'entry' });
  expect([await asked(action), await new Step(action, stolen).perform(), fake.seen]).toEqual([['refused'], { kind: 'retry', reason: 'certificate' }, []]);
});

test('a server of another authority neither', async () => {
  const [fake, other] = [await startSpire({ tls: true }), await startSpire({ tls: true })];
  const action = openAt({ ...fake, files: other.files }, { call: 'agent' });
  expect([await asked(action), fake.seen]).toEqual([['refused'], []]);
});

test('what is asked by the doctor changes nothing', async () => {
  const fake = await startSpire();
  fake.entries.set('one', entryOf('one'));
  expect([await asked(openAt(fake, { call: 'entry' })), await asked(openAt(fake, { call: 'agent' }))]).toEqual([['granted'], ['granted']]);
  fake.refusing.set('CountAgents', { code: status.PERMISSION_DENIED });
  expect(await asked(openAt(fake, { call: 'agent' }))).toEqual(['missing']);
  expect([fake.seen, fake.entries.size]).toEqual([['ListEntries', 'CountAgents', 'CountAgents'], 1]);
});

test('settings that cannot be used are refused at the start', () => {
  const at = (section: object) => () => open({ type: 'spire', call: 'entry', trust_domain: 'prod.example', ...section });
  const [key, certificate] = [fileWith('-----BEGIN PRIVATE KEY-----'), fileWith('-----BEGIN CERTIFICATE-----')];
  const shown = { certificate_file: certificate, key_file: key, bundle_file: certificate };
  expect(at({ address: '/run/spire/api.sock' })).not.toThrow();
  expect(at({ address: '/run/spire/api.sock', ...shown })).toThrow('needs no certificate on a socket');
  expect(at({ address: '10.0.0.1:8081' })).toThrow('there a certificate, its key and the bundle are needed');
  expect(at({ address: '10.0.0.1:8081', ...shown })).not.toThrow();
  expect(at({ address: '10.0.0.1:8081', ...shown, allow_private: false })).toThrow('names a port other than 443 and 8443');
  expect(at({ address: 'http://10.0.0.1:8081', ...shown })).toThrow('neither the path of a socket nor host:port');
  expect(at({ address: '10.0.0.1:8081', ...shown, key_file: certificate })).toThrow('holds no private key in PEM');
});
