import { expect, it } from 'vitest';
import { agentIn } from '../../detectors/agents.ts';
import { isOfCloud, mainSystem } from '../../detectors/clouds.ts';
import { countryCode, countryNumber, distanceKm } from '../../detectors/countries.ts';
import { environmentIn, environmentOfTarget } from '../../detectors/environment.ts';
import { networkOf } from '../../detectors/network.ts';
import { emptyEvent } from '../../src/model/event.ts';

it.each([
  ['Boto3/1.34.11 md/Botocore#1.34.11', 'Boto3', 'program'], ['aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/', 'aws-sdk-go', 'program'],
  ['kubectl/v1.28.0 (linux/amd64) kubernetes/abc', 'kubectl', 'shell'], ['aws-cli/2.13.0 Python/3.11.4', 'aws-cli', 'shell'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0', 'Firefox', 'browser'], ['[S3Console/0.4, aws-internal/3 aws-sdk-java]', 'S3Console', 'browser'],
  ['Mozilla/5.0 (compatible; Uptime/1.0)', 'Mozilla', 'program'], ['curl/8.5.0', 'curl', 'tool'], ['Go-http-client/2.0', 'Go-http-client', 'tool'],
  ['secretsmanager.amazonaws.com', 'secretsmanager.amazonaws.com', 'service'], ['AWS Internal', 'AWS', 'service'],
  ['Boto3/1.9.89 Python/2.7.12 Linux/4.2.0-42-kali', 'Boto3', 'attack'], ['TruffleHog', 'TruffleHog', 'attack'],
])('%s is %s, a %s', (userAgent, family, kind) => {
  expect(agentIn(userAgent)).toMatchObject({ family, kind });
});

it.each([
  ['orders-prod-eu', 1], ['prd.orders', 1], ['spiffe://example.com/ns/production/sa/cart', 1], ['orders-staging', 2], ['orders-non-prod', 2], ['nonprod', 2],
  ['pre-prod.orders', 2], ['prod-to-staging-sync', 0], ['product-catalogue', 0], ['device-reader', 0], ['latest', 0], ['dev.azure.com', 0], ['constructor', 0],
])('%s names the environment %d', (name, environment) => {
  expect(environmentIn(name)).toBe(environment);
});

it('looks for a target\'s environment in its host, and in no path', () => {
  const event = emptyEvent('ecs', 1);
  expect(environmentOfTarget({ ...event, urlDomain: 'api.staging.example.com' })).toBe(2);
  expect(environmentOfTarget({ ...event, urlDomain: 'api.example.test', resourceId: 'api.example.test/v1/prod', resourceKind: 'route' })).toBe(0);
  expect(environmentOfTarget({ ...event, resourceId: 'arn:aws:s3:::orders-prod', resourceKind: 'bucket' })).toBe(1);
});

it('knows how far countries lie apart, rather too near than too far', () => {
  const between = (one: string, other: string): number => distanceKm(countryNumber(one), countryNumber(other));
  expect(countryCode(countryNumber('DE'))).toBe('DE');
  expect(countryNumber('ZZ')).toBe(0);
  for (const [one, other] of [['DE', 'FR'], ['US', 'CA'], ['US', 'MX'], ['RU', 'CN'], ['NZ', 'AU']] as const) expect(between(one, other)).toBeLessThan(1_000);
  expect(between('DE', 'AU')).toBeGreaterThan(9_000);
  expect(between('DE', 'AU')).toBeLessThan(14_500);
  expect(between('GB', 'SG')).toBe(between('SG', 'GB'));
  expect(between('ZZ', 'DE')).toBe(0);
});

it('takes the systems of one cloud for one network, and both families of an unnamed host', () => {
  const at = (asNumber: number): number => networkOf({ ...emptyEvent('ecs', 1), asNumber, networkBlock: `block-${asNumber}` });
  expect(at(14_618)).toBe(at(16_509));
  expect(at(24_940)).not.toBe(at(16_509));
  expect([mainSystem(24_940), isOfCloud('aws', 14_618), isOfCloud('aws', 24_940), isOfCloud('elsewhere', 1)]).toEqual([24_940, true, false, null]);
  const inside = { ...emptyEvent('ecs', 1), networkClass: 'private' } as const;
  expect(networkOf({ ...inside, networkBlock: '10.0.1.0/24' })).toBe(networkOf({ ...inside, networkBlock: '10.9.1.0/24' }));
  expect(networkOf({ ...inside, networkBlock: '10.0.1.0/24', networkName: 'office' })).not.toBe(networkOf(inside));
  expect(networkOf(emptyEvent('ecs', 1))).toBe(0);
});
