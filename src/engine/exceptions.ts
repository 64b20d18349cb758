import { containsV4, containsV6, parseCidr, type Cidr } from '../intel/cidr.ts';
import type { Context } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Exception } from '../model/exception.ts';
import { fates } from '../model/fate.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import { ExactIndex } from './exact-index.ts';
import type { Entities } from '../state/port.ts';
import type { Episodes } from './episodes.ts';

/** Tokens in wrong hands, or laid out to get there: nothing about them is ever expected. */
const neverHidden = fates.revoked | fates.leaked | fates.honeytoken;

/** At once. */
const maxQuiets = 500;

interface Ready { readonly exception: Exception; readonly detectors: ReadonlySet<string>; readonly blocks: readonly Cidr[] }

export interface ExceptionSettings { readonly exceptions: readonly Exception[]; readonly inventory: readonly InventoryEntry[] }

/**
 * What people agreed not to be told of, and which tokens are kept for emergencies. An input like events are: from where they are replaced
 * on, the new ones hold. They begin and end by the time of events.
 */
export class Exceptions {
  /** What is hidden, apart from what people are told. */
  readonly episodes: Episodes;
  readonly #index = new ExactIndex<Ready>();
  readonly #breakGlass = new ExactIndex<true>();
  readonly #never: ReadonlySet<string>;
  readonly #quiets: Entities<Exception>;
  #settings: ExceptionSettings;
  #here: readonly Ready[] = [];

  /** `never`: detectors whose findings nothing hides, whatever is configured. `quiets`: what somebody wanted to be quiet for some hours. */
  constructor(episodes: Episodes, settings: ExceptionSettings, never: Iterable<string>, quiets: Entities<Exception>) {
    this.episodes = episodes;
    this.#never = new Set(never);
    this.#quiets = quiets;
    this.#settings = settings;
    this.replace(settings);
  }

  replace(settings: ExceptionSettings): void {
    this.#settings = settings;
    const { inventory } = settings;
    this.#here = [];
    this.#index.clear();
    this.#breakGlass.clear();
    for (const exception of this.list()) {
      const blocks = exception.networks.map(parseCidr).filter((block) => block !== null);
      this.#index.add(exception.match, { exception, detectors: new Set(exception.detectors), blocks });
      // It stays what it is when its exception has ended.
      if (exception.kind === 'break-glass') this.#breakGlass.add(exception.match, true);
    }
    for (const { match, breakGlass } of inventory) if (breakGlass === true) this.#breakGlass.add(match, true);
  }

  /** All that hold, did or will: those of the configuration, and what somebody wanted to be quiet. */
  list(): readonly Exception[] {
    return [...this.#settings.exceptions, ...Array.from(this.#quiets.all(), ([, quiet]) => quiet)];
  }

  /** One more until it ends; of the same name in its place. Those that had ended when it begins are forgotten, and beyond 500 the one that ends first. */
  quiet(exception: Exception): void {
    this.#quiets.set(exception.name, exception);
    const known = Array.from(this.#quiets.all(), ([, quiet]) => quiet).sort((left, right) => left.untilMs - right.untilMs);
    known.forEach(({ name, untilMs }, place) => {
      if (untilMs <= exception.fromMs || place < known.length - maxQuiets) this.#quiets.delete(name);
    });
    this.replace(this.#settings);
  }

  /** Turns to an event: `hiding` is about this one until the next call. */
  turnTo(event: TokenEvent): void {
    const found = this.#index.find(event);
    this.#here = found.length === 0 ? found : found.filter((ready) => holds(ready, event));
  }

  /** The exception under which nobody is told what this detector finds in the event; a claim that was refused has none. */
  hiding(detector: string, { authenticated }: TokenEvent, context: Pick<Context, 'fate'>): Exception | null {
    if (this.#here.length === 0 || authenticated === false || this.#never.has(detector) || (context.fate & neverHidden) !== 0) return null;
    return this.#here.find(({ detectors }) => detectors.has(detector))?.exception ?? null;
  }

  /** Bits of `fates` that the operator's lists tell. */
  fateOf(event: TokenEvent): number {
    return this.#breakGlass.find(event).length === 0 ? 0 : fates.breakGlass;
  }
}

function holds({ exception: { fromMs, untilMs, networks }, blocks }: Ready, { orderMs, sourceIp }: TokenEvent): boolean {
  if (orderMs < fromMs || orderMs >= untilMs) return false;
  if (networks.length === 0) return true;
  const address = sourceIp === null ? null : parseCidr(sourceIp);
  if (address === null) return false;
  return blocks.some((block) => (address.version === 4 ? containsV4(block, address.start) : containsV6(block, address.start)));
}
