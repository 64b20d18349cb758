import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { envoyLine, haproxyLine } from '../../../src/cli/demo/world/access-log.ts';
import { ask, type Minted } from '../../support/real-gateway.ts';

// Six workloads with one static credential, each in a network of its own.

export const client = 'nightly-batch';
export const thiefFrom = '127.66.6.6';
const dayMs = 86_400_000;
const names = ['rates', 'billing', 'stock', 'fraud', 'returns', 'search'];
export const workloads = names.map((name, place) => ({ name, from: `127.${20 + place}.3.11`, agent: `${name}/1.${place} okhttp/4.12` }));

/** Four weeks of their work as the two gateways log it, up to an hour ago: every four hours some calls of each, at both. */
export function history(issuer: string, { jti, expiresAtMs }: Minted, untilMs: number): { readonly envoy: string; readonly haproxy: string } {
  const claims = { iss: issuer, sub: client, client_id: client, jti, iat: Math.floor((untilMs - 40 * dayMs) / 1000), exp: Math.floor(expiresAtMs / 1000) };
  const lines = { envoy: [] as string[], haproxy: [] as string[] };
  for (let timeMs = untilMs - 28 * dayMs; timeMs < untilMs - 3_600_000; timeMs += dayMs / 6) {
    for (const [place, { from, agent }] of workloads.entries()) {
      for (let call = 0; call < 4; call++) {
        const startMs = timeMs + place * 60_000 + call * 7_000;
        const answered = {
          startMs, endMs: startMs + 9, method: 'GET', path: '/v1/orders', host: 'api.shop.example', status: 200, bytes: 300 + call * 7 + place, address: from, agent, peer: null,
          requestId: randomUUID(), claims, tokenSha256: null, refused: null,
        };
        if (call % 2 === 0) lines.envoy.push(envoyLine(answered));
        else lines.haproxy.push(JSON.stringify({ ...JSON.parse(haproxyLine(answered)) as object, jti }));
      }
    }
  }
  return { envoy: `${lines.envoy.join('\n')}\n`, haproxy: `${lines.haproxy.join('\n')}\n` };
}

/** What one caller heard. */
export interface Tally { accepted: number; refused: number; failed: number }

/** Calls both gateways in turn until it is stopped, each call on a connection of its own. Nothing is tried again. */
export class Caller {
  readonly tally: Tally = { accepted: 0, refused: 0, failed: 0 };
  /** Statuses of its last two calls: one for each gateway. */
  last: readonly number[] = [];
  token: string;
  readonly #ports: readonly number[];
  readonly #options: { readonly from: string; readonly agent: string };
  #isStopping = false;
  readonly #running: Promise<void>;

  constructor(ports: readonly number[], token: string, options: { readonly from: string; readonly agent: string }) {
    [this.token, this.#ports, this.#options] = [token, ports, options];
    this.#running = this.#run();
  }

  /** So many more rounds at both gateways. */
  async rounds(count: number): Promise<void> {
    const { accepted, refused, failed } = this.tally;
    const enough = accepted + refused + failed + (count + 1) * this.#ports.length;
    while (this.tally.accepted + this.tally.refused + this.tally.failed < enough) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const answers = [];
      for (const port of this.#ports) answers.push(await ask(port, this.token, this.#options).catch(() => null));
      for (const answer of answers) this.tally[answer?.status === 200 && answer.isWhole ? 'accepted' : answer?.status === 401 || answer?.status === 403 ? 'refused' : 'failed']++;
      this.last = answers.map((answer) => answer?.status ?? 0);
      await sleep(100);
    }
  }
}
