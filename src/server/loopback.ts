import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Can only this machine reach the address? */
export function isLoopback(host: string): boolean {
  const kind = isIP(host);
  return host === 'localhost' || (kind !== 0 && loopback.check(host, kind === 4 ? 'ipv4' : 'ipv6'));
}
