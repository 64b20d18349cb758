import type { Correlator } from '../correlate/correlator.ts';
import type { Identity, Token } from '../model/token.ts';
import type { TokenQuery } from '../server/api/ports.ts';
import type { TokenPage, TokenSummary } from '../server/api/shapes.ts';
import { pageOf, wordsIn, wordsOf } from './paging.ts';
import { tokenSummary } from './views.ts';

/** Looked through for one list; a token beyond is found by its fingerprint or an alias of it. */
const maxTokens = 50_000;
/** A list is kept for so long, and for so many times what it took to make it. */
const keptMs = 5_000;
const restShare = 20;
/** Looked at in one turn. */
const slice = 200;

interface Line { readonly summary: TokenSummary; readonly words: string }

/** What is known of tokens and their owners, searched. */
export class InventoryIndex {
  readonly #correlator: Correlator;
  readonly #openAlertsOf: (token: string) => number;
  readonly #nowMs: () => number;
  #lines: readonly Line[] | null = null;
  #building: Promise<readonly Line[]> | null = null;
  /** When tokens are to be looked through again. */
  #dueMs = Number.NEGATIVE_INFINITY;

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

  /** Last used first. The first one waits until all tokens were looked through; later ones may show them as they were a while ago. */
  async search(query: TokenQuery): Promise<Omit<TokenPage, 'activity'>> {
    const exact = query.text === undefined ? null : this.token(query.text);
    if (exact !== null) return { tokens: [exact], total: 1, next: null };
    const words = wordsIn(query.text);
    const found = (await this.#look()).filter(({ summary, words: own }) => (query.identity === undefined || summary.identity?.id === query.identity)
      && words.every((word) => own.includes(word)));
    const { values, total, next } = pageOf(found.map(({ summary }) => (
      { value: summary, id: summary.fingerprint, first: summary.lastUsedMs ?? 0, second: summary.firstSeenMs })), query);
    return { tokens: values.map((summary) => ({ ...summary, openAlerts: this.#openAlertsOf(summary.fingerprint) })), total, next };
  }

  async #look(): Promise<readonly Line[]> {
    if (this.#nowMs() >= this.#dueMs && this.#building === null) {
      this.#building = this.#build().finally(() => { this.#building = null; });
      // Who waits for it is told; the others have the former list.
      this.#building.catch(() => undefined);
    }
    return this.#lines ?? await this.#building ?? [];
  }

  /** In slices, so that the engine gets its turns; and the rarer, the longer it takes. */
  async #build(): Promise<readonly Line[]> {
    const startMs = this.#nowMs();
    const lines: Line[] = [];
    const identities = new Map<string, Identity | null>();
    for (const token of this.#correlator.tokens()) {
      if (lines.length >= maxTokens) break;
      const id = token.identityId;
      if (id !== null && !identities.has(id)) identities.set(id, this.#correlator.identity(id));
      lines.push(this.#line(token, id === null ? null : identities.get(id) ?? null));
      if (lines.length % slice === 0) await new Promise((resolve) => { setImmediate(resolve); });
    }
    const endMs = this.#nowMs();
    this.#dueMs = endMs + Math.max(keptMs, (endMs - startMs) * restShare);
    return this.#lines = lines;
  }

  #line(token: Token, identity: Identity | null): Line {
    const summary = this.#summary(token, identity);
    const whose = identity === null ? [] : [identity.id, identity.name, summary.identity?.owner ?? null];
    return { summary, words: wordsOf(token.fingerprint, token.handle, token.issuer, token.kind, ...whose, summary.workload?.id ?? null) };
  }

  #summary(token: Token, identity: Identity | null): TokenSummary {
    const owner = identity === null ? null : this.#correlator.ownerOf(identity.id);
    return tokenSummary(token, identity, owner, this.#openAlertsOf(token.fingerprint));
  }
}
