const minuteMs = 60_000;

/** How a step went. `false`: it did not happen as it should. */
export type Outcome = string | false;

/**
 * Tells a story as it happens, by the company's clock, and remembers whether every step really happened. Each line says what
 * was seen; nothing is told that was not.
 */
export class Script {
  readonly failures: string[] = [];
  #write: (text: string) => void;
  readonly #zoneMinutes: number;

  constructor(write: (text: string) => void, zoneMinutes: number) {
    this.#write = write;
    this.#zoneMinutes = zoneMinutes;
  }

  clock(timeMs: number): string {
    return new Date(timeMs + this.#zoneMinutes * minuteMs).toISOString().slice(11, 19);
  }

  title(text: string): void {
    this.#write(`\n${text}\n${'-'.repeat(text.length)}\n`);
  }

  /** Something that happens in the story. */
  tell(text: string, timeMs = Date.now()): void {
    this.#write(`  ${this.clock(timeMs)}  ${text}\n`);
  }

  /** Something that must be so. Answers whether it is. */
  check(what: string, holds: boolean, shown = ''): boolean {
    this.#write(`  ${holds ? '    ok  ' : '  NOT   '}  ${what}${shown === '' ? '' : `: ${shown}`}\n`);
    if (!holds) this.failures.push(what);
    return holds;
  }

  /** Nothing more is told: the stage is being cleared. */
  end(): void {
    this.#write = () => undefined;
  }

  blank(): void {
    this.#write('\n');
  }
}
