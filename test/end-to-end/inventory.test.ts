import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/config/csv.ts';
import { documents, temporaryFolder, tokenward } from './support.ts';

interface Line {
  readonly tokenward: { readonly token: { readonly handle: string }; readonly posture: readonly { readonly kind: string; readonly certainty: string }[] };
}

const work = temporaryFolder();
const [dataDir, configuration] = [join(work, 'data'), join(work, 'tokenward.yaml')];
const keyId = 'AKIAIOSFODNN7EXAMPLE';
const options = ['--data-dir', dataDir, '-c', configuration];

/** A call with a lasting key, as CloudTrail writes it. */
function call(day: string, number: number): object {
  return {
    eventVersion: '1.09', eventTime: `2026-${day}T10:00:00Z`, eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', awsRegion: 'eu-west-1', sourceIPAddress: '198.51.100.7',
    userAgent: 'Boto3/1.34', eventID: `00000000-0000-4000-8000-00000000000${number}`, eventType: 'AwsApiCall', recipientAccountId: '111122223333', readOnly: true,
    userIdentity: {
      type: 'IAMUser', principalId: 'AIDAIOSFODNN7EXAMPLE', arn: 'arn:aws:iam::111122223333:user/rates', accountId: '111122223333', userName: 'rates', accessKeyId: keyId,
    },
  };
}

/** The listing that `inventory import` makes, and an inventory of the operator's own. */
beforeAll(() => {
  mkdirSync(dataDir);
  const [log, keys, listing, own] = ['cloudtrail.ndjson', 'keys.json', 'aws.json', 'own.csv'].map((name) => join(work, name)) as [string, string, string, string];
  writeFileSync(log, ['01-05', '02-05', '06-01'].map((day, i) => JSON.stringify(call(day, i))).join('\n'));
  writeFileSync(keys, JSON.stringify({ AccessKeyMetadata: [
    { UserName: 'rates', AccessKeyId: keyId, Status: 'Active', CreateDate: '2025-12-01T00:00:00Z' },
    { UserName: 'ghost', AccessKeyId: 'AKIAI44QH8DHBEXAMPLE', Status: 'Active', CreateDate: '2026-05-20T00:00:00Z' },
  ] }));
  expect(tokenward(['inventory', 'import', 'aws', keys, '--out', listing, '--account', '111122223333', '--taken-at', '2026-06-01T00:00:00Z']).status).toBe(0);
  writeFileSync(own, `handle,owner,vendor,review_by\n${keyId},logistics,Acme,2026-12-31\n`);
  writeFileSync(configuration, `inventory_files: [${JSON.stringify(own)}, ${JSON.stringify(listing)}]\nposture: { dormant_after: 60d }\n`);
  expect(tokenward(['replay', ...options, log]).status).toBe(0);
}, 120_000);

const flawsOf = (text: string): Record<string, string[]> => Object.fromEntries((documents(text) as unknown as Line[])
  .map(({ tokenward: { token, posture } }) => [token.handle, posture.map(({ kind, certainty }) => (certainty === 'fact' ? kind : `${kind}?`)).sort()]));

describe('inventory', () => {
  test('tells what logs, listing and the operator know together, also of what no log told', () => {
    const { stdout, stderr, status } = tokenward(['inventory', ...options, '--json']);
    expect(status).toBe(0);
    expect(stderr).toContain('as of 2026-06-01T10:00:00.000Z, the newest event');
    expect(flawsOf(stdout)).toEqual({ [keyId]: ['never-rotated', 'over-ttl'], AKIAI44QH8DHBEXAMPLE: ['no-owner', 'no-review-date'] });
  });

  test('tells of another day what was true then', () => {
    expect(flawsOf(tokenward(['inventory', ...options, '--json', '--as-of', '2026-04-30']).stdout)).toEqual({ [keyId]: ['dormant', 'never-rotated', 'over-ttl'] });
    expect(flawsOf(tokenward(['inventory', ...options, '--json', '--as-of', '2026-02-06']).stdout)).toEqual({ [keyId]: [] });
  });

  test('answers for one third party as CSV, and refuses what it does not know', () => {
    const rows = parseCsv(tokenward(['inventory', ...options, '--csv', '--vendor', 'Acme']).stdout);
    expect(rows.map((row) => [row['identity'], row['owner'], row['third party'], row['posture']])).toEqual([['rates', 'logistics', 'Acme', 'over-ttl never-rotated']]);
    const { status, stderr } = tokenward(['inventory', ...options, '--posture', 'lost']);
    expect([status, stderr.includes('known are')]).toEqual([2, true]);
  });
});
