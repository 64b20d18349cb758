/** Tells people how far a long command is. Nothing is written where nobody watches. */
export interface Progress {
  /** `total` is `null` where it is not known; `note` stands at the end of the line. */
  update(done: number, total: number | null, note: string): void;
  /** Removes the line. */
  done(): void;
}

/** The part of a terminal that is needed. */
interface Terminal { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown }

const intervalMs = 200;

/** One line of bytes read, rate and time left on stderr, redrawn five times a second at most; silent unless that is a terminal. */
export function createProgress(terminal: Terminal = process.stderr, nowMs: () => number = () => performance.now()): Progress {
  if (terminal.isTTY !== true) return { update: () => undefined, done: () => undefined };
  const startMs = nowMs();
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, total, note) {
      const now = nowMs();
      if (now - drawnMs < intervalMs) return;
      drawnMs = now;
      terminal.write(`\r\x1b[2K${progressLine(done, total, now - startMs, note).slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    done() {
      if (drawnMs > Number.NEGATIVE_INFINITY) terminal.write('\r\x1b[2K');
    },
  };
}

/** `12.0 MB of 48.0 MB  25 %  6.0 MB/s  6 s left  note`; what is not known is left out. */
export function progressLine(done: number, total: number | null, elapsedMs: number, note: string): string {
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const parts = [total === null ? bytesText(done) : `${bytesText(done)} of ${bytesText(total)}`];
  if (total !== null && total > 0) parts.push(`${Math.min(100, Math.floor((done / total) * 100))} %`);
  if (rate > 0) parts.push(`${bytesText(rate)}/s`);
  if (total !== null && rate > 0 && done < total) parts.push(`${durationText((total - done) / rate)} left`);
  if (note !== '') parts.push(note);
  return parts.join('  ');
}

/** Decimal units: `512 B`, `1.5 kB`, `84.7 GB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let place = 0;
  let amount = bytes;
  while (amount >= 999.95 && place < units.length - 1) {
    amount /= 1000;
    place++;
  }
  return place === 0 ? `${Math.round(amount)} B` : `${amount.toFixed(1)} ${units[place]}`;
}

function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
