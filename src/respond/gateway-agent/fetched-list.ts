import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Send } from '../../outbound/client.ts';
import { readSignedList, type DenyListContent } from '../deny-list/document.ts';
import { replaceFile } from '../deny-list/write-file.ts';

export interface FetchedListOptions {
  readonly url: string;
  readonly token: string;
  readonly key: KeyObject;
  /** Where the last good list is kept. */
  readonly file: string;
  readonly send: Send;
}

/** What came of asking: a new list, the same as before, or why there is none, in a fixed word. */
export type Fetched = 'new' | 'same' | { readonly reason: string };

/** The newest list that was signed by the one key. What is forged, older or another list changes nothing. */
export class FetchedList {
  readonly #options: FetchedListOptions;
  /** Of the list that is held, as the URL names it. */
  readonly #name: string;
  #etag: string | null = null;
  current: DenyListContent | null;

  constructor(options: FetchedListOptions) {
    this.#options = options;
    this.#name = decodeURIComponent(new URL(options.url).pathname.split('/').at(-1)!);
    const kept = textIn(options.file);
    this.current = kept === null ? null : this.#read(kept);
  }

  /** `inForce`: number of the list that the gateways have; `null`: none yet. */
  async refresh(inForce: number | null, signal: AbortSignal): Promise<Fetched> {
    const { url, token, send, file } = this.#options;
    const headers = { authorization: `Bearer ${token}`, ...(this.#etag === null ? {} : { 'if-none-match': this.#etag }) };
    const answer = await send({ method: 'GET', url: `${url}?in_force=${inForce ?? 'none'}`, headers, body: null }, signal);
    if (answer.kind === 'failed') return { reason: answer.reason };
    if (answer.status === 304) return 'same';
    if (answer.status !== 200 || answer.body === null) return { reason: answer.status === 200 ? 'too_long' : `http_${answer.status}` };
    const list = this.#read(answer.body);
    if (list === null) return { reason: 'not_signed' };
    if (list.number < (this.current?.number ?? 0)) return { reason: 'older' };
    replaceFile(file, answer.body);
    this.#etag = answer.etag ?? null;
    const isNew = list.number !== this.current?.number;
    this.current = list;
    return isNew ? 'new' : 'same';
  }

  #read(text: string): DenyListContent | null {
    const list = readSignedList(text, this.#options.key);
    return list?.name === this.#name ? list : null;
  }
}

function textIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
