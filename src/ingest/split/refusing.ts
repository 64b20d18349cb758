import type { QuarantineReason } from '../../model/quarantine.ts';
import type { Collector, Place } from './collect.ts';
import type { ByteWindow } from './window.ts';

/** How far a refusal reaches: to its line's end, or past all following lines that look like parts of a printed document. */
export type Reach = 'line' | 'lines';

/** A stretch of the stream that is refused as one record. It is stepped over without being held. */
export class RefusedStretch {
  private readonly window: ByteWindow;
  private readonly collector: Collector;
  private reach: Reach = 'line';
  private reason: QuarantineReason = 'invalid_json';
  private detail = '';
  private place: Place = { offset: 0, index: null };
  private from = 0;

  constructor(window: ByteWindow, collector: Collector) {
    this.window = window;
    this.collector = collector;
  }

  /** A stretch begins at stream offset `from`; `place` is what its refusal names. */
  begin(reason: QuarantineReason, detail: string, from: number, place: Place, reach: Reach): void {
    this.reason = reason;
    this.detail = detail;
    this.from = from;
    this.place = place;
    this.reach = reach;
  }

  /** Goes on from the window's start; true when the stretch has ended and was refused. */
  goOn(ended: boolean): boolean {
    const { window } = this;
    while (true) {
      const newline = window.newlineFrom(window.start);
      const next = newline + 1;
      window.start = newline;
      if (newline === window.end || (this.reach === 'lines' && next === window.end)) return ended && this.end();
      if (this.reach === 'line') return this.end();
      window.start = next;
      if (!goesOn(window.bytes[next]!)) return this.end();
    }
  }

  /** The stretch ends here. */
  end(): true {
    const { offset, index } = this.place;
    this.collector.refuse(this.reason, this.detail, offset, this.window.offset - this.from, index);
    return true;
  }
}

/** Does a line that begins with this byte go on with a value printed over several lines? Blanks, `"`, `,`, `]` and `}` do. */
function goesOn(first: number): boolean {
  return first <= 32 || first === 34 || first === 44 || first === 93 || first === 125;
}
