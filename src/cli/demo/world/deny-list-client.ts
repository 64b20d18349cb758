import { compactVerify } from 'jose';
import type { KeyObject } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { Claims } from './access-log.ts';
import type { Denials } from './gateway.ts';

interface Entry {
  readonly by: 'jti' | 'sha256' | 'subject' | 'client';
  readonly value: string;
  readonly issuer?: string;
  readonly keep?: { readonly networks: readonly string[]; readonly workloads: readonly string[] };
  readonly until?: string;
}
interface List { readonly number: number; readonly entries: readonly Entry[] }

export interface ClientOptions {
  readonly url: string;
  /** The gateway's own credential: fetching with it says what it holds. */
  readonly credential: string;
  readonly publicKey: KeyObject;
  readonly everyMs: number;
}

/** A gateway's copy of the deny list. What cannot be fetched or verified, or is older than what is held, leaves the last good one in place. */
export class DenyListClient implements Denials {
  readonly #options: ClientOptions;
  #list: List = { number: 0, entries: [] };
  #etag: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get number(): number {
    return this.#list.number;
  }

  get entries(): readonly Entry[] {
    return this.#list.entries;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      void this.#fetch().catch(() => undefined).finally(() => { if (this.#timer !== null) this.start(); });
    }, this.#options.everyMs);
  }

  stop(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  refuses(claims: Claims, tokenSha256: string, address: string, peer: string | null): boolean {
    const values = { jti: claims.jti, sha256: tokenSha256, subject: claims.sub, client: claims.client_id };
    return this.#list.entries.some((entry) => {
      if (entry.value !== values[entry.by] || entry.issuer !== undefined && entry.issuer !== claims.iss) return false;
      if (entry.until !== undefined && Date.parse(entry.until) + 60_000 < Date.now()) return false;
      return entry.keep === undefined || !isKept(entry.keep, address, peer);
    });
  }

  async #fetch(): Promise<void> {
    const { url, credential, publicKey } = this.#options;
    const headers = { authorization: `Bearer ${credential}`, ...(this.#etag === null ? {} : { 'if-none-match': this.#etag }) };
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) });
    if (answer.status !== 200) return;
    const { payload } = await compactVerify(await answer.text(), publicKey, { algorithms: ['EdDSA'] });
    const list = JSON.parse(new TextDecoder().decode(payload)) as List;
    if (list.number < this.#list.number) return;
    this.#list = list;
    this.#etag = answer.headers.get('etag');
  }
}

/** Does the pinned token go on for this caller? */
function isKept({ networks, workloads }: NonNullable<Entry['keep']>, address: string, peer: string | null): boolean {
  if (peer !== null && workloads.includes(peer)) return true;
  if (isIP(address) !== 4) return false;
  const kept = new BlockList();
  for (const network of networks) {
    const [start, bits] = network.split('/') as [string, string | undefined];
    if (isIP(start) === 4) kept.addSubnet(start, Number(bits ?? 32), 'ipv4');
  }
  return kept.check(address, 'ipv4');
}
