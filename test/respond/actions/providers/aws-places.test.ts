import { isIP, BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { elsewhere, whyNotTold } from '../../../../src/respond/actions/providers/aws-places.ts';

/** What AWS knows of a request: keys that are absent are not there. */
type Request = Readonly<Record<string, string>>;
type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** By the rules of IAM: all of a statement's conditions must hold, and a negated one holds where its key is absent. */
function holds(condition: Condition, request: Request): boolean {
  return Object.entries(condition).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => {
    const value = request[key];
    switch (operator) {
      case 'NotIpAddress': return value === undefined || !isIn(value, wanted as readonly string[]);
      case 'StringNotEquals': return value === undefined || !(wanted as readonly string[]).includes(value);
      case 'Bool': return value === wanted;
      default: throw new Error(`nobody looks at ${operator} here`);
    }
  }));
}

function isIn(address: string, blocks: readonly string[]): boolean {
  return blocks.some((block) => {
    const [first, bits] = block.split('/') as [string, string];
    if (isIP(first) !== isIP(address)) return false;
    const list = new BlockList();
    list.addSubnet(first, Number(bits), isIP(first) === 4 ? 'ipv4' : 'ipv6');
    return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  });
}

const [ours, theirs] = ['vpc-0aaaaaaaaaaaaaaa1', 'vpc-0bbbbbbbbbbbbbbb2'] as const;
const byInternet = (address: string): Request => ({ 'aws:SourceIp': address, 'aws:ViaAWSService': 'false' });
const byEndpoint = (vpc: string, address: string): Request => ({ 'aws:SourceVpc': vpc, 'aws:VpcSourceIp': address, 'aws:ViaAWSService': 'false' });
const both = ['198.51.100.0/24', '10.20.0.0/16', '2001:db8:7::/48'];

test.each<[string, readonly string[], readonly string[], Request, boolean]>([
  ['a known network of the internet', both, [ours], byInternet('198.51.100.9'), true],
  ['another', both, [ours], byInternet('203.0.113.66'), false],
  ['a known network by version 6', both, [ours], byInternet('2001:db8:7::9'), true],
  ['a known private address by an endpoint of ours', both, [ours], byEndpoint(ours, '10.20.3.4'), true],
  ['the same by an endpoint of the thief\'s own VPC', both, [ours], byEndpoint(theirs, '10.20.3.4'), false],
  ['another private address of ours', both, [ours], byEndpoint(ours, '10.99.3.4'), false],
  ['a known public address that is claimed within a VPC of the thief\'s', both, [ours], byEndpoint(theirs, '198.51.100.9'), false],
  ['private places alone, from our VPC', ['10.20.0.0/16'], [ours], byEndpoint(ours, '10.20.3.4'), true],
  ['private places alone, from the internet', ['10.20.0.0/16'], [ours], byInternet('203.0.113.66'), false],
  ['public places alone, from them', ['198.51.100.0/24'], [], byInternet('198.51.100.9'), true],
  ['public places alone, by an endpoint', ['198.51.100.0/24'], [], byEndpoint(ours, '10.20.3.4'), false],
  ['a service of AWS in the caller\'s name', both, [ours], { 'aws:SourceIp': '192.0.2.1', 'aws:ViaAWSService': 'true' }, true],
  ['the same without our VPC', ['198.51.100.0/24'], [], { 'aws:ViaAWSService': 'true' }, true],
])('from %s', (_, kept, vpcs, request, isLetThrough) => {
  expect(!elsewhere(kept, vpcs).some((condition) => holds(condition as Condition, request))).toBe(isLetThrough);
});

test('what cannot be said is not said', () => {
  expect(() => elsewhere([], [ours])).toThrow('nothing to keep');
  expect([whyNotTold(both, []), whyNotTold(both, [ours]), whyNotTold(['198.51.100.0/24'], []), whyNotTold([], [])]).toEqual(['vpc_not_named', null, null, null]);
});
