import type { FastifyRequest } from 'fastify';

/** Wrong tokens in a minute from one address; who guesses more waits. */
const maxWrong = 20;
const maxAddresses = 1_000;
const minuteMs = 60_000;

/** Counts wrong tokens by address and minute, for few addresses at once. */
export class WrongTokens {
  #counts = new Map<string, number>();
  #minute = 0;

  areTooMany(address: FastifyRequest['ip']): boolean {
    this.#turn();
    return (this.#counts.get(address) ?? 0) >= maxWrong;
  }

  add(address: FastifyRequest['ip']): void {
    this.#turn();
    if (this.#counts.size < maxAddresses || this.#counts.has(address)) this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }

  #turn(): void {
    const minute = Math.floor(Date.now() / minuteMs);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#counts = new Map();
  }
}
