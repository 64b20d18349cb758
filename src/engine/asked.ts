import type { Context, Detector } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import { metBy, needs } from '../model/needs.ts';

/** Beyond the bits of `needs`: something became of the token or its owner; the event is a further record of a request. */
const fate = 65_536;
const hop = 131_072;
/** Only who needs these is shown what has them. */
const apart = needs.unissued | needs.bill;

/** Which detectors are to be asked about an event. Most of them need what it lacks, and events are of few kinds: worked out once for each. */
export class Asked {
  readonly #detectors: readonly Detector[];
  /** By needs that are met: places of detectors. At most one entry for each set of bits. */
  readonly #places = new Map<number, readonly number[]>();

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors;
  }

  /** Places of detectors, in the order in which they judge. */
  about(event: TokenEvent, context: Context, isHop: boolean): readonly number[] {
    let met = metBy(event);
    if (context.fate !== 0) met |= fate;
    if (context.silence !== null) met |= needs.silence;
    if (context.unissued !== null) met |= needs.unissued;
    if (context.bill !== null) met |= needs.bill;
    if (isHop) met |= hop;
    let places = this.#places.get(met);
    if (places === undefined) this.#places.set(met, places = this.#all(met));
    return places;
  }

  #all(met: number): number[] {
    return [...this.#detectors.keys()].filter((place) => {
      const detector = this.#detectors[place] as Detector;
      const needed = (detector.needs ?? 0) | (detector.fates === undefined ? 0 : fate);
      return (met & needed) === needed && (met & apart & ~needed) === 0 && ((met & hop) === 0 || detector.seesHops === true);
    });
  }
}
