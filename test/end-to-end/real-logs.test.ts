import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eager, eventsOf, run, temporaryFolder } from './support.ts';

// What real trails do and invented ones do not.
const startMs = Date.UTC(2026, 10, 20);
const record = (number: number, more: object): object => ({
  eventVersion: '1.09', eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`, eventTime: new Date(startMs + number * 20_000).toISOString(), eventType: 'AwsApiCall',
  awsRegion: 'eu-central-1', recipientAccountId: '111122223333', ...more,
});
const ofConfig = {
  eventSource: 's3.amazonaws.com', eventName: 'GetBucketPolicy', errorCode: 'AccessDenied', sourceIPAddress: 'config.amazonaws.com', userAgent: 'config.amazonaws.com',
  userIdentity: { type: 'AWSService', invokedBy: 'config.amazonaws.com' },
};
const ofUser = {
  eventSource: 'ec2.amazonaws.com', eventName: 'DescribeInstances', sourceIPAddress: '203.0.113.7', userAgent: 'aws-cli/2',
  userIdentity: {
    type: 'IAMUser', principalId: 'AIDAEXAMPLEEXAMPLE001', arn: 'arn:aws:iam::111122223333:user/deploy', accountId: '111122223333', accessKeyId: 'AKIAEXAMPLEEXAMPLE01',
    userName: 'deploy',
  },
};

async function replayed(lines: readonly string[]) {
  const file = join(temporaryFolder(), 'trail.ndjson');
  writeFileSync(file, lines.join('\n'));
  return await run([file], { yaml: eager });
}

test('thousands of refusals of a cloud\'s own service are events of that provider, and no alarm', async () => {
  const result = await replayed(Array.from({ length: 3000 }, (_, number) => JSON.stringify(record(number, ofConfig))));
  expect(result.statistics).toMatchObject({ events: 3000, ignored: 0, quarantined: 0, alerts: 0 });
  const [event] = eventsOf(result) as { source: { address: string; ip?: string }; tokenward: { identity: { kind: string } } }[];
  expect([event!.source.address, event!.source.ip, event!.tokenward.identity.kind]).toEqual(['config.amazonaws.com', undefined, 'provider']);
});

test('one record five hundred times is one event, and a last line that is cut spoils nothing', async () => {
  const line = JSON.stringify(record(1, ofUser));
  const { statistics } = await replayed([...Array.from({ length: 500 }, () => line), JSON.stringify(record(2, ofUser)), line.slice(0, 200)]);
  expect(statistics).toMatchObject({ records: 502, events: 2, duplicates: 499, quarantined: 1, alerts: 0 });
  expect(Object.values(statistics.quarantined_by_reason)).toEqual([1]);
});
