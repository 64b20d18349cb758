import type { KeyObject } from 'node:crypto';
import type { Denial } from '../../src/model/denial.ts';
import { mapSteps, writeGatewayFiles, type GatewayFiles } from '../../src/respond/deny-list/gateway-files.ts';
import { GatewayList, type ListEntry } from './gateway-list.ts';
import type { Haproxy } from './servers/haproxy.ts';

export type Apply = (entries: readonly Denial[], before: readonly Denial[]) => Promise<void>;

export interface AgentOptions {
  /** Of the list at Tokenward. */
  readonly url: string;
  readonly token: string;
  readonly publicKey: KeyObject;
  readonly files: GatewayFiles;
  /** Where files alone are not enough: brings them into force. */
  readonly apply?: Apply;
  readonly everyMs?: number;
}

/** The small program beside a gateway that the deny list's page speaks of: fetches, verifies, writes the gateway's own form, brings it into force. */
export class GatewayAgent {
  readonly #options: AgentOptions;
  readonly #list: GatewayList;
  #before: readonly Denial[] = [];
  #timer: NodeJS.Timeout | null = null;
  #busy: Promise<void> = Promise.resolve();
  #hasList: () => void = () => {};
  /** It has its first list. */
  readonly ready = new Promise<void>((resolve) => { this.#hasList = resolve; });

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#list = new GatewayList(options);
    this.#round();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    await this.#busy;
  }

  #round(): void {
    this.#timer = setTimeout(() => {
      this.#busy = this.#fetch().then(() => { if (this.#timer !== null) this.#round(); });
    }, this.#options.everyMs ?? 50);
  }

  async #fetch(): Promise<void> {
    const { files, apply } = this.#options;
    if (await this.#list.fetch() !== 200) return;
    const { number } = this.#list.current!;
    const [entries, before] = [this.#list.current!.entries.map((entry) => denialOf(entry, number)), this.#before];
    writeGatewayFiles(files, entries, number, before);
    await apply?.(entries, before);
    this.#before = entries;
    this.#hasList();
  }
}

function denialOf({ intent: intentId, by, value, issuer, keep, until }: ListEntry, number: number): Denial {
  return { intentId, number, by, value, issuer: issuer ?? null, keep: keep ?? null, untilMs: until === undefined ? null : Date.parse(until) };
}

/** Puts the maps into a running HAProxy. */
export async function applyMaps(haproxy: Haproxy, ...[entries, before]: Parameters<Apply>): Promise<void> {
  for (const { name, text } of mapSteps(entries, before, 'haproxy')) await haproxy.replace(name, text.split('\n').filter((line) => line !== ''));
}
