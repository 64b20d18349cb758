import type { Correlator } from '../correlate/correlator.ts';
import { containsV4, containsV6, parseCidr, type Cidr } from '../intel/cidr.ts';
import type { Credential } from '../model/credential.ts';
import type { Listing } from '../model/listing.ts';
import type { PosturePolicy } from '../model/posture.ts';
import type { Identity, Token } from '../model/token.ts';
import { Estate } from '../posture/estate.ts';
import { postureKinds, type Flaw } from '../posture/kinds.ts';
import { postureOf } from '../posture/posture.ts';
import type { TokenQuery } from '../server/api/ports.ts';
import type { CredentialShares, FlawView, TokenPage, TokenSummary } from '../server/api/shapes.ts';
import { noShares, withCredential } from './shares.ts';
import { pageOf, wordsIn, wordsOf } from './paging.ts';
import { inSlices } from './slices.ts';
import { tokenSummary } from './views.ts';

/** Looked through for one list; a token beyond is found by its fingerprint or an alias of it. */
const maxTokens = 50_000;
/** A list is kept for so long, and for so many times what it took to make it. */
const keptMs = 5_000;
const restShare = 20;
/** What posture is judged by, beside the registry. */
export interface PostureParts { readonly policy: PosturePolicy; readonly listings: readonly Listing[] }

interface Line { readonly summary: TokenSummary; readonly words: string; readonly networks: readonly string[] }

/** What is known of tokens and their owners, searched. */
export class InventoryIndex {
  readonly #correlator: Correlator;
  readonly #openAlertsOf: (token: string) => number;
  readonly #nowMs: () => number;
  #posture: PostureParts;
  /** All tokens as they stood when they were last looked through. */
  #estate: Estate;
  #lines: readonly Line[] | null = null;
  #shares: { readonly of: readonly Line[] | null; readonly sums: Promise<CredentialShares> } = { of: null, sums: Promise.resolve(noShares) };
  #building: Promise<readonly Line[]> | null = null;
  /** When tokens are to be looked through again. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(correlator: Correlator, posture: PostureParts, openAlertsOf: (token: string) => number, nowMs: () => number) {
    this.#posture = posture;
    this.#estate = new Estate(posture.listings);
    this.#correlator = correlator;
    this.#openAlertsOf = openAlertsOf;
    this.#nowMs = nowMs;
  }

  /** From here on posture is judged by these; what listings say of others is known once all tokens were looked through again. */
  judgeBy(posture: PostureParts): void {
    this.#posture = posture;
    this.#dueMs = Number.NEGATIVE_INFINITY;
  }

  token(fingerprint: string): TokenSummary | null {
    const token = this.#correlator.token(fingerprint);
    return token === null ? null : this.#shown(this.#summary(token, token.identityId === null ? null : this.#correlator.identity(token.identityId)));
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
    const address = query.text === undefined ? null : parseCidr(query.text.trim());
    const words = address === null ? wordsIn(query.text) : [];
    const found = (await this.#look()).filter(({ summary, words: own, networks }) => (query.identity === undefined || summary.identity?.id === query.identity)
      && words.every((word) => own.includes(word)) && (address === null || networks.some((network) => isWithin(address, network))));
    const { values, total, next } = pageOf(found.map(({ summary }) => (
      { value: summary, id: summary.fingerprint, first: summary.lastUsedMs ?? 0, second: summary.firstSeenMs })), query);
    return { tokens: values.map((summary) => this.#shown(summary)), total, next };
  }

  /** How many of the tokens that were looked through are as they should be; kept for as long as their list is. */
  async shares(): Promise<CredentialShares> {
    const lines = await this.#look();
    if (this.#shares.of !== lines) this.#shares = { of: lines, sums: this.#sum(lines) };
    return this.#shares.sums;
  }

  async #sum(lines: readonly Line[]): Promise<CredentialShares> {
    let sums = noShares;
    await inSlices(lines, ({ summary: { fingerprint } }) => {
      const credential = this.#correlator.credential(fingerprint);
      if (credential !== null) sums = withCredential(sums, credential, this.#judged(credential), this.#nowMs());
    });
    return sums;
  }

  /** Everything that is worth another look whenever it is shown. */
  #shown(summary: TokenSummary): TokenSummary {
    return { ...summary, openAlerts: this.#openAlertsOf(summary.fingerprint), posture: this.#flawsOf(summary.fingerprint) };
  }

  #flawsOf(fingerprint: string): FlawView[] {
    const credential = this.#correlator.credential(fingerprint);
    if (credential === null) return [];
    return this.#judged(credential).map((flaw) => {
      const { title, nhi, remedy } = postureKinds[flaw.kind];
      return { ...flaw, title, owaspNhi: nhi, remedy };
    });
  }

  #judged(credential: Credential): Flaw[] {
    return postureOf(credential, this.#estate.place(credential), this.#posture.policy, this.#nowMs());
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
    const posture = this.#posture;
    const estate = new Estate(posture.listings);
    await inSlices(Iterator.from(this.#correlator.credentials()).take(maxTokens), (credential) => {
      const { token: { fingerprint, ...token }, identity } = credential;
      if (fingerprint === null) return;
      estate.add(credential);
      lines.push(this.#line({ ...token, fingerprint }, identity, networksOf(credential)));
    });
    const endMs = this.#nowMs();
    this.#estate = estate;
    // What is judged by may have changed meanwhile: then it was for nothing.
    if (posture === this.#posture) this.#dueMs = endMs + Math.max(keptMs, (endMs - startMs) * restShare);
    return this.#lines = lines;
  }

  #line(token: Token, identity: Identity | null, networks: readonly string[]): Line {
    const summary = this.#summary(token, identity);
    const whose = identity === null ? [] : [identity.id, identity.name, summary.identity?.owner ?? null];
    return { summary, networks, words: wordsOf(token.fingerprint, token.handle, token.issuer, token.kind, ...whose, summary.workload?.id ?? null) };
  }

  #summary(token: Token, identity: Identity | null): TokenSummary {
    const owner = identity === null ? null : this.#correlator.ownerOf(identity.id);
    return tokenSummary(token, identity, owner, this.#openAlertsOf(token.fingerprint));
  }
}

function networksOf({ uses }: Credential): string[] {
  return [...new Set(uses.map(({ network }) => network).filter((network) => network !== null))];
}

/** Does the network of a use hold the address that somebody asks for, or the block that he asks for the network? */
function isWithin(asked: Cidr, network: string): boolean {
  const block = parseCidr(network);
  return block !== null && (holds(block, asked) || holds(asked, block));
}

function holds(block: Cidr, other: Cidr): boolean {
  return other.version === 4 ? containsV4(block, other.start) : containsV6(block, other.start);
}
