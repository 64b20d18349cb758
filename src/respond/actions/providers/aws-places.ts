import { BlockList, isIP } from 'node:net';

/** What addresses within a VPC may be, which mean nothing outside it. RFC 1918, 4193, 6598. */
const withinVpcs = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
const inner = new BlockList();
for (const range of withinVpcs) {
  const [address, bits] = range.split('/') as [string, string];
  inner.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
}

type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Is the network, in CIDR form, one of private addresses? */
export function isWithinVpc(network: string): boolean {
  const [address = ''] = network.split('/');
  return isIP(address) !== 0 && inner.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Conditions of which one holds for every request from elsewhere: a statement that denies, for each. A request has either an address of the internet
 * or, by an endpoint of a VPC, one in that VPC; a negated condition holds where its key is absent. What AWS asks for in the caller's name is let
 * through. See "AWS: Denies access to AWS based on the source IP" and "AWS global condition context keys" in the guide to IAM.
 */
export function elsewhere(networks: readonly string[], vpcs: readonly string[]): Condition[] {
  // An empty list must never come to mean "none of it goes on".
  if (networks.length === 0) throw new Error('nothing to keep');
  const outer = networks.filter((network) => !isWithinVpc(network));
  const byAddress = outer.length === 0 ? {} : { 'aws:SourceIp': outer };
  const byItself = { Bool: { 'aws:ViaAWSService': 'false' } };
  if (vpcs.length === 0) return [{ NotIpAddress: byAddress, ...byItself }];
  return [
    { ...outer.length === 0 ? {} : { NotIpAddress: byAddress }, StringNotEquals: { 'aws:SourceVpc': vpcs }, ...byItself },
    { NotIpAddress: { ...byAddress, 'aws:VpcSourceIp': networks }, ...byItself },
  ];
}

/** Why AWS could not be told of these places, in a fixed word. */
export function whyNotTold(networks: readonly string[], vpcs: readonly string[]): string | null {
  return vpcs.length === 0 && networks.some(isWithinVpc) ? 'vpc_not_named' : null;
}
