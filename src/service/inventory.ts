import type { Correlator } from '../correlate/correlator.ts';
import type { Identity } from '../model/token.ts';
import type { TokenQuery } from '../server/api/ports.ts';
import type { TokenPage, TokenSummary } from '../server/api/shapes.ts';
import { pageOf, wordsIn, wordsOf } from './paging.ts';
import { tokenSummary } from './views.ts';

/** Looked through for one list; a token beyond is found by its fingerprint or an alias of it. */
const maxTokens = 50_000;
/** A list is so old at most, as looking through all tokens takes a while. */
const keptMs = 5_000;

interface Line { readonly summary: TokenSummary; readonly words: string }

/** What is known of tokens and their owners, searched. */
export class InventoryIndex {
  readonly #correlator: Correlator;
  readonly #openAlertsOf: (token: string) => number;
  readonly #nowMs: () => number;
  #lines: readonly Line[] = [];
  #builtMs = Number.NEGATIVE_INFINITY;

  constructor(correlator: Correlator, openAlertsOf: (token: string) => number, nowMs: () => number) {
    this.#correlator = correlator;
    this.#openAlertsOf = openAlertsOf;
    this.#nowMs = nowMs;
  }

  token(fingerprint: string): TokenSummary | null {
    const token = this.#correlator.token(fingerprint);
    return token === null ? null : this.#summary(token, token.identityId === null ? null : this.#correlator.identity(token.identityId));
  }

  identity(id: string): Identity | null {
    return this.#correlator.identity(id);
  }

  ownerOf(identityId: string): string | null {
    return this.#correlator.ownerOf(identityId);
  }

  /** Last used first. */
  search(query: TokenQuery): TokenPage {
    const exact = query.text === undefined ? null : this.token(query.text);
    if (exact !== null) return { tokens: [exact], total: 1, next: null };
    const words = wordsIn(query.text);
    const found = this.#fresh().filter(({ summary, words: own }) => (query.identity === undefined || summary.identity?.id === query.identity)
      && words.every((word) => own.includes(word)));
    const { values, total, next } = pageOf(found.map(({ summary }) => (
      { value: summary, id: summary.fingerprint, first: summary.lastUsedMs ?? 0, second: summary.firstSeenMs })), query);
    return { tokens: values, total, next };
  }

  #fresh(): readonly Line[] {
    const nowMs = this.#nowMs();
    if (nowMs - this.#builtMs < keptMs && nowMs >= this.#builtMs) return this.#lines;
    const lines: Line[] = [];
    const identities = new Map<string, Identity | null>();
    for (const token of this.#correlator.tokens()) {
      if (lines.length >= maxTokens) break;
      const id = token.identityId;
      if (id !== null && !identities.has(id)) identities.set(id, this.#correlator.identity(id));
      const summary = this.#summary(token, id === null ? null : identities.get(id) ?? null);
      const { identity, workload } = summary;
      const whose = identity === null ? [] : [identity.id, identity.name, identity.owner];
      lines.push({ summary, words: wordsOf(token.fingerprint, token.handle, token.issuer, token.kind, ...whose, workload?.id ?? null) });
    }
    this.#builtMs = nowMs;
    return this.#lines = lines;
  }

  #summary(token: Parameters<typeof tokenSummary>[0], identity: Identity | null): TokenSummary {
    const owner = identity === null ? null : this.#correlator.ownerOf(identity.id);
    return tokenSummary(token, identity, owner, this.#openAlertsOf(token.fingerprint));
  }
}
