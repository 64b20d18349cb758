import { verify, type KeyObject } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

/** One entry as gateways read it: see docs/deny-list.md. */
export interface ListEntry {
  readonly intent: string;
  readonly by: 'jti' | 'sha256' | 'subject' | 'client';
  readonly value: string;
  readonly issuer?: string;
  readonly keep?: { readonly networks: readonly string[]; readonly workloads: readonly string[] };
  readonly until?: string;
}

export interface List { readonly list: string; readonly number: number; readonly changed: string; readonly entries: readonly ListEntry[] }

/** What a gateway knows of a request. */
export interface Presented {
  readonly jti?: string;
  readonly sha256?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly issuer?: string;
  readonly address: string;
  readonly workload?: string;
}

export interface GatewayOptions { readonly url: string; readonly token: string; readonly publicKey: KeyObject; readonly now?: () => number }

/** The content of a list whose signature is right; `null` for any other text. */
export function readList(text: string, publicKey: KeyObject): List | null {
  const parts = text.split('.');
  if (parts.length !== 3) return null;
  const [header, payload, signature] = parts as [string, string, string];
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string };
  if (alg !== 'EdDSA' || !verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as List;
}

/** A gateway that keeps the last good list: what is forged, older or cannot be fetched changes nothing. */
export class GatewayList {
  current: List | null = null;
  readonly #options: GatewayOptions;
  #tag: string | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** What came of asking: an HTTP status, or why what came was not taken. */
  async fetch(url = this.#options.url): Promise<number | 'unreachable' | 'forged' | 'older'> {
    const headers = { authorization: `Bearer ${this.#options.token}`, ...(this.#tag === null ? {} : { 'if-none-match': this.#tag }) };
    const answer = await fetch(url, { headers, redirect: 'error' }).catch(() => null);
    if (answer === null) return 'unreachable';
    if (answer.status !== 200) return answer.status;
    const list = readList(await answer.text(), this.#options.publicKey);
    if (list === null) return 'forged';
    if (list.number < (this.current?.number ?? 0)) return 'older';
    this.current = list;
    this.#tag = answer.headers.get('etag');
    return 200;
  }

  /** Whether a request is to be refused. One entry that refuses is enough. */
  refuses(presented: Presented): boolean {
    return (this.current?.entries ?? []).some((entry) => this.#hits(entry, presented));
  }

  #hits({ by, value, issuer, keep, until }: ListEntry, presented: Presented): boolean {
    if (presented[by] !== value || issuer !== undefined && presented.issuer !== issuer) return false;
    if (until !== undefined && Date.parse(until) + 300_000 < (this.#options.now ?? Date.now)()) return false;
    if (keep === undefined) return true;
    return !keep.networks.some((network) => isIn(network, presented.address)) && !keep.workloads.includes(presented.workload ?? '');
  }
}

function isIn(network: string, address: string): boolean {
  const [start, bits] = network.split('/') as [string, string];
  const range = new BlockList();
  range.addSubnet(start, Number(bits), isIP(start) === 6 ? 'ipv6' : 'ipv4');
  return range.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
