import type { Delivery } from '../ingest/live.ts';
import type { Parcel } from './feeds.ts';

/** Who waits for the engine to take what was delivered. */
export class Waiting {
  readonly #resolves = new Map<Delivery, () => void>();

  /** Resolves when the engine has taken it, or never will; at once for nothing. */
  taken(delivery: Delivery | null): Promise<void> {
    return new Promise((resolve) => {
      if (delivery === null) resolve();
      else this.#resolves.set(delivery, resolve);
    });
  }

  /** Notes on a parcel who waits for the delivery that it was made of. */
  noteOn(parcel: Parcel, delivery: Delivery): Parcel {
    const resolve = this.#resolves.get(delivery);
    if (resolve !== undefined) {
      parcel.taken = () => {
        this.#resolves.delete(delivery);
        resolve();
      };
    }
    return parcel;
  }

  /** Nothing more is taken. */
  end(): void {
    for (const resolve of this.#resolves.values()) resolve();
  }
}
