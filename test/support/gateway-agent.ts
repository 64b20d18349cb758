import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Denial } from '../../src/model/denial.ts';
import { writeGatewayFiles, type GatewayFiles } from '../../src/respond/deny-list/gateway-files.ts';
import { GatewayList, type ListEntry } from './gateway-list.ts';
import type { Haproxy } from './servers/haproxy.ts';

export interface AgentOptions {
  /** Of the list at Tokenward. */
  readonly url: string;
  readonly token: string;
  readonly publicKey: KeyObject;
  readonly files: GatewayFiles;
  /** Where files alone are not enough: brings them into force. */
  readonly apply?: () => Promise<void>;
  readonly everyMs?: number;
}

/** The small program beside a gateway that the deny list's page speaks of: fetches, verifies, writes the gateway's own form, brings it into force. */
export class GatewayAgent {
  readonly #options: AgentOptions;
  readonly #list: GatewayList;
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
    const { entries, number } = this.#list.current!;
    writeGatewayFiles(files, entries.map((entry) => denialOf(entry, number)), number);
    await apply?.();
    this.#hasList();
  }
}

function denialOf({ intent: intentId, by, value, issuer, keep, until }: ListEntry, number: number): Denial {
  return { intentId, number, by, value, issuer: issuer ?? null, keep: keep ?? null, untilMs: until === undefined ? null : Date.parse(until) };
}

/** Puts the maps as they are on disk into a running HAProxy, in an order in which nobody is refused in between who is to go on. */
export async function applyMaps(haproxy: Haproxy): Promise<void> {
  const linesOf = (name: string): string[] => readFileSync(join(haproxy.maps, name), 'utf8').split('\n').filter((line) => line !== '');
  const tokens = linesOf('tokens.map');
  const places = ['networks.map', 'places.map'] as const;
  // A pin comes after its places, and goes before them.
  if (tokens.length === 0) await haproxy.replace('tokens.map', []);
  for (const name of places) await haproxy.replace(name, linesOf(name));
  if (tokens.length > 0) await haproxy.replace('tokens.map', tokens);
}
