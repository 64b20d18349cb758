import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Denial } from '../../model/denial.ts';
import type { DenialStore } from '../../store/denial-port.ts';
import { signedList, type Signer } from './document.ts';
import { whyNotWritten, writeGatewayFiles, type GatewayFiles } from './gateway-files.ts';
import { replaceFile } from './write-file.ts';

export type NewDenial = Omit<Denial, 'number'>;

/** What the action asks of its list. */
export type ListRequest =
  | { readonly kind: 'put'; readonly denial: NewDenial }
  | { readonly kind: 'remove'; readonly intentId: string }
  | { readonly kind: 'ask'; readonly intentId: string };

export type ListAnswer =
  | { readonly kind: 'put' | 'known' | 'removed' | 'absent' }
  | { readonly kind: 'refused'; readonly reason: 'list_full' | 'entry_too_large' | 'nothing_to_keep' | 'not_expressible' }
  /** It is in the store, and goes into the file when the call is repeated. */
  | { readonly kind: 'unwritten' }
  | Standing;

/** How an entry stands. */
export interface Standing {
  readonly kind: 'standing';
  /** Number that first held the entry; `null`: it is not there. */
  readonly since: number | null;
  /** Of the list as it is. */
  readonly number: number;
  /** What each gateway has; `null`: nothing yet. */
  readonly held: readonly (number | null)[];
  readonly nowMs: number;
}

export interface DenyListOptions {
  /** As the action is named; unique. */
  readonly name: string;
  readonly signer: Signer;
  readonly store: DenialStore;
  /** Names of the gateways that fetch it. */
  readonly gateways: readonly string[];
  /** Also kept here, for gateways on this machine; `null`: only served. */
  readonly file: string | null;
  /** Written in the gateways' own forms as well. */
  readonly gatewayFiles?: readonly GatewayFiles[];
  /** Forms in which others read it: what one of them cannot say is refused. */
  readonly formats?: readonly GatewayFiles['format'][];
  readonly maxEntries: number;
  readonly now?: () => number;
}

/** The list as it is given out. */
export interface Published { readonly number: number; readonly etag: string; readonly body: string }

const maxEntryBytes = 8 * 1024;
/** Gateways let tokens pass a little after their end: entries stay that long. */
export const leewayMs = 5 * 60_000;

/** One signed list for gateways: kept in the store, numbered, given out whole. Every call may be repeated. */
export class DenyList {
  readonly name: string;
  readonly #options: DenyListOptions;
  readonly #now: () => number;
  #published: Published | null = null;
  #written: string | null = null;
  /** What the gateways' own files hold; `null`: not known. */
  #held: { readonly number: number; readonly entries: readonly Denial[] } | null = null;

  constructor(options: DenyListOptions) {
    this.name = options.name;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get gateways(): readonly string[] {
    return this.#options.gateways;
  }

  handle(request: ListRequest): ListAnswer {
    switch (request.kind) {
      case 'put': return this.#put(request.denial);
      case 'remove': return this.#remove(request.intentId);
      case 'ask': return this.#ask(request.intentId);
    }
  }

  current(): Published {
    const { store, signer } = this.#options;
    const { number, changedMs } = store.state(this.name);
    if (this.#published?.number === number) return this.#published;
    const body = signedList({ name: this.name, number, changedMs, entries: store.entries(this.name) }, signer);
    const etag = `"${number}-${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    return this.#published = { number, etag, body };
  }

  /** The gateway has got this number: its acknowledgement. */
  acknowledge(gateway: string, number: number): void {
    const { store } = this.#options;
    if (store.holders(this.name).get(gateway) !== number) store.hold(this.name, gateway, number, this.#now());
  }

  /** Brings the files up to date: at the start, and after every change. False where one cannot be written. */
  publish(): boolean {
    const { file, gatewayFiles = [] } = this.#options;
    try {
      if (file !== null) this.#writeSigned(file);
      if (gatewayFiles.length > 0) this.#writeForGateways(gatewayFiles);
      return true;
    } catch {
      return false;
    }
  }

  #writeSigned(file: string): void {
    const { body } = this.current();
    this.#written ??= textOf(file);
    if (body === this.#written) return;
    replaceFile(file, body);
    this.#written = body;
  }

  #writeForGateways(gatewayFiles: readonly GatewayFiles[]): void {
    const { number } = this.current();
    if (this.#held?.number === number) return;
    const endedMs = this.#now() - leewayMs;
    const living = this.#options.store.entries(this.name).filter(({ untilMs }) => untilMs === null || untilMs > endedMs);
    for (const files of gatewayFiles) writeGatewayFiles(files, living, number, this.#held?.entries);
    this.#held = { number, entries: living };
  }

  #put(denial: NewDenial): ListAnswer {
    const { store, maxEntries, gatewayFiles = [], formats = [] } = this.#options;
    const { keep } = denial;
    const read = [...formats, ...gatewayFiles.map(({ format }) => format)];
    // An empty set must never come to mean "none of it goes on".
    if (keep !== null && keep.networks.length + keep.workloads.length === 0) return { kind: 'refused', reason: 'nothing_to_keep' };
    if (read.some((format) => whyNotWritten(denial, { format }) !== null)) return { kind: 'refused', reason: 'not_expressible' };
    if (Buffer.byteLength(JSON.stringify(denial)) > maxEntryBytes) return { kind: 'refused', reason: 'entry_too_large' };
    const nowMs = this.#now();
    const outcome = store.put(this.name, denial, { nowMs, endedMs: nowMs - leewayMs, maxEntries });
    if (!this.publish()) return { kind: 'unwritten' };
    return outcome === 'full' ? { kind: 'refused', reason: 'list_full' } : { kind: outcome };
  }

  #remove(intentId: string): ListAnswer {
    const removed = this.#options.store.remove(this.name, intentId, this.#now());
    if (!this.publish()) return { kind: 'unwritten' };
    return { kind: removed ? 'removed' : 'absent' };
  }

  #ask(intentId: string): ListAnswer {
    const { store, gateways } = this.#options;
    const holders = store.holders(this.name);
    const since = store.entry(this.name, intentId)?.number ?? null;
    const held = gateways.map((gateway) => holders.get(gateway) ?? null);
    return { kind: 'standing', since, number: store.state(this.name).number, held, nowMs: this.#now() };
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
