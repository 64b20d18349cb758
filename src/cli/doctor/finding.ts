/** `bad`: it does not work, or not as the operator must believe. `warn`: it works, and somebody should know. */
export type Level = 'ok' | 'warn' | 'bad';

export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** What was seen. */
  readonly text: string;
  /** What to do; `null` where nothing needs doing. */
  readonly advice: string | null;
}

export function ok(subject: string, text: string): Finding {
  return { level: 'ok', subject, text, advice: null };
}

export function warn(subject: string, text: string, advice: string): Finding {
  return { level: 'warn', subject, text, advice };
}

export function bad(subject: string, text: string, advice: string): Finding {
  return { level: 'bad', subject, text, advice };
}

/** A span of time in the unit that suits it. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  const [value, unit] = seconds < 120 ? [seconds, 'second'] : seconds < 7200 ? [seconds / 60, 'minute']
    : seconds < 172_800 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day'];
  const whole = Math.floor(value as number);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** A size in the unit that suits it. */
export function size(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`;
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
