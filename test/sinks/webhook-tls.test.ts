import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../src/sinks/sink.ts';
import { webhookSink } from '../../src/sinks/webhook.ts';
import { makeFolder } from '../store/support.ts';
import { outgoingOf } from './support.ts';

interface Receiver { readonly port: number; readonly ca: string; readonly secretFile: string; readonly names: (string | false | null)[] }

/** A receiver whose certificate is for `receiver.example`. */
async function start(): Promise<Receiver> {
  const dir = makeFolder();
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=receiver.example',
    '-addext', 'subjectAltName=DNS:receiver.example', '-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`,
  ], { stdio: 'ignore' });
  const names: (string | false | null)[] = [];
  const server = createServer({ key: readFileSync(`${dir}/key.pem`), cert: readFileSync(`${dir}/cert.pem`) }, (request, response) => {
    request.resume().on('end', () => response.writeHead(204).end());
  });
  server.on('secureConnection', (socket) => names.push(socket.servername));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const secretFile = `${dir}/secret`;
  writeFileSync(secretFile, `whsec_${randomBytes(24).toString('base64')}`);
  return { port: (server.address() as AddressInfo).port, ca: readFileSync(`${dir}/cert.pem`, 'utf8'), secretFile, names };
}

/** Sends one alert to a host of that name, which leads to the receiver. */
async function send({ port, secretFile }: Receiver, host: string, ca: string | undefined): Promise<Outcome> {
  const sink = webhookSink({
    name: 'hook', url: `https://${host}:${port}/`, secretFile, allowPrivate: true, ...(ca === undefined ? {} : { ca }),
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
  const { prepared: [one] } = sink.build([outgoingOf('a')]);
  return sink.classify(one!.documents, await sink.send(one!.request, new AbortController().signal));
}

const badCertificate: Outcome = { kind: 'each', verdicts: [{ kind: 'retry', reason: 'certificate' }] };

test('the connection goes to the checked address, the certificate must be the name\'s, and of a trusted authority', async () => {
  const receiver = await start();
  expect(await send(receiver, 'receiver.example', receiver.ca)).toEqual({ kind: 'each', verdicts: [{ kind: 'done' }] });
  expect(receiver.names).toEqual(['receiver.example']);
  expect(await send(receiver, 'other.example', receiver.ca)).toEqual(badCertificate);
  expect(await send(receiver, 'receiver.example', undefined)).toEqual(badCertificate);
});
