import { expect, test } from 'vitest';
import { actionSchema } from '../../../../src/config/respond-schema.ts';
import { openActions } from '../../../../src/respond/actions/index.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { noDenials, rsaKeys } from '../providers/support.ts';
import { fileWith, intentOf, serve, signal } from '../support.ts';

const minuteMs = 60_000;
const account = '123456789012';
const role = { tokenKind: 'temporary_key', handle: 'ASIA111122223333SESS', issuer: 'aws', identityId: `aws:${account}:AROA1234567890123456`, identityName: 'exporter', userId: 'x' } as const;
const user = 'ocid1.user.oc1..victim';
const fingerprint = '20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34';

interface Clocked { readonly action: Action; readonly offsets: number[]; readonly dates: string[] }

/** A provider that refuses what is dated more than five minutes from its own clock, which is `aheadMs` before ours. */
async function clocked(section: object, header: string, refusal: number, aheadMs: number, lets = true): Promise<Clocked> {
  const [dates, offsets]: [string[], number[]] = [[], []];
  const url = await serve((request, response) => {
    const date = String(request.headers[header]);
    dates.push(date);
    const timeMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    const isTaken = lets && Math.abs(timeMs - Date.now()) < 5 * minuteMs;
    response.writeHead(isTaken ? 200 : refusal, { 'content-type': 'text/plain' }).end(isTaken ? '[]' : '<Code>SignatureDoesNotMatch</Code>');
  });
  const parsed = actionSchema.parse({ name: 'action', allow_private: true, endpoint: url, ...section });
  const parts = { denials: noDenials, openToken: null, now: () => Date.now() - aheadMs, onClockOff: (_: string, offsetMs: number) => void offsets.push(offsetMs) };
  return { action: openActions([parsed], parts).actions.get('action')!, offsets, dates };
}

const aws = { type: 'aws', call: 'role_sessions', account_id: account, access_key_id: 'AKIA111122223333OURS', secret_key_file: fileWith('s'.repeat(40)) };
const oci = { type: 'oci', call: 'api_key', region: 'eu-frankfurt-1', tenancy_id: 't', user_id: user, key_fingerprint: fingerprint, key_file: rsaKeys().file };
const ociTarget = { issuer: 'oci', tokenKind: 'api_key', handle: `${user}/${fingerprint}` } as const;

test.each([
  ['AWS, our clock behind', aws, 'x-amz-date', 403, 20 * minuteMs, role, 'done'], ['AWS, our clock ahead', aws, 'x-amz-date', 400, -20 * minuteMs, role, 'done'],
  ['Oracle Cloud', oci, 'x-date', 401, -6 * minuteMs, ociTarget, 'already'],
] as const)('%s: a call that was refused for its date is dated by the provider\'s clock, and those after it at once; it is told once', async (_, section, header, refusal, aheadMs, target, kind) => {
  const { action, offsets, dates } = await clocked(section, header, refusal, aheadMs);
  const intent = intentOf({ kind: 'revoke', target });
  expect(await action.perform(intent, signal)).toEqual({ kind });
  const first = dates.length;
  expect(first).toBeGreaterThanOrEqual(2);
  expect(await action.perform(intent, signal)).toEqual({ kind });
  expect(dates.length - first).toBe(first - 1);
  expect(offsets).toHaveLength(1);
  expect(Math.abs(offsets[0]! - aheadMs)).toBeLessThan(5000);
});

test.each([0, 2 * minuteMs])('clocks %d ms apart: a refusal was for something else, and nothing is asked twice', async (aheadMs) => {
  const { action, offsets, dates } = await clocked(aws, 'x-amz-date', 403, aheadMs, false);
  expect(await action.perform(intentOf({ kind: 'revoke', target: role }), signal)).toEqual({ kind: 'failed', reason: 'http_403' });
  expect([offsets, dates.length]).toEqual([[], 1]);
});

test('where the provider refuses what its own clock dates, it is asked once more and no further', async () => {
  const { action, dates } = await clocked(aws, 'x-amz-date', 403, 20 * minuteMs, false);
  expect(await action.perform(intentOf({ kind: 'revoke', target: role }), signal)).toEqual({ kind: 'failed', reason: 'http_403' });
  expect(dates).toHaveLength(2);
});
