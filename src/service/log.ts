import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Everything that a log line may tell besides its words. Names come from the configuration or from our own code,
 * numbers are numbers; there is no field for an event, a record, or what an error says, because these may quote secrets.
 */
export interface LogFields {
  readonly source?: string;
  readonly feed?: string;
  readonly sink?: string;
  readonly detector?: string;
  readonly file?: string;
  readonly address?: string;
  /** Name of a configured action. */
  readonly action?: string;
  /** Id of an intent, or what else a page is about. */
  readonly intent?: string;
  /** One of our own fixed words. */
  readonly reason?: string;
  readonly status?: number;
  readonly count?: number;
  readonly bytes?: number;
  readonly port?: number;
  readonly milliseconds?: number;
  readonly change?: number;
  /** Only its `name` and its `code` are told. */
  readonly error?: unknown;
}

const textFields = ['source', 'feed', 'sink', 'detector', 'file', 'address', 'action', 'intent', 'reason'] as const satisfies readonly (keyof LogFields)[];
const numberFields = ['status', 'count', 'bytes', 'port', 'milliseconds', 'change'] as const satisfies readonly (keyof LogFields)[];

export interface Log {
  /**
   * `action` is a fixed word for what happened, by which lines are found and limited; `message` is a sentence of our own,
   * never made of data.
   */
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  /** Tells what was held back and not told yet. For the end of the process. */
  flush(): void;
}
export type LogLine = (action: string, message: string, fields?: LogFields) => void;

export interface LogOptions {
  /** Takes one whole line with its newline. */
  readonly write: (line: string) => void;
  readonly level?: LogLevel;
  readonly now?: () => number;
  /** Called for each line that is left out. */
  readonly onSuppressed?: () => void;
}

/** So many lines of one action are written in one period; the rest is counted. */
const linesPerPeriod = 10;
const periodMs = 60_000;
const maxText = 256;
/** Actions are fixed words of the code, so this is never reached; beyond it all share one limit. */
const maxActions = 1000;

interface Budget { startMs: number; written: number; suppressed: number }

/** A log of JSON lines in the fields of ECS, our own under `tokenward`. One object a line, no control characters. */
export function createLog(options: LogOptions): Log {
  const now = options.now ?? Date.now;
  const budgets = new Map<string, Budget>();
  const stream = { write: (line: string) => options.write(escaped(line)) };
  const logger = pino({
    level: options.level ?? 'info', base: { 'ecs.version': '8.17.0', 'service.name': 'tokenward' }, messageKey: 'message',
    timestamp: () => `,"@timestamp":"${new Date(now()).toISOString()}"`,
    formatters: { level: (label) => ({ 'log.level': label }) },
  }, stream);
  const line = (level: LogLevel): LogLine => (action, message, fields = {}) => {
    if (!logger.isLevelEnabled(level)) return;
    const suppressed = spend(budgets, action, now());
    if (suppressed === null) options.onSuppressed?.();
    else logger[level]({ 'event.action': action, ...allowed(fields, suppressed) }, bounded(message));
  };
  const flush = (): void => {
    for (const [action, budget] of budgets) {
      if (budget.suppressed === 0) continue;
      logger.info({ 'event.action': action, ...allowed({}, budget.suppressed) }, 'Lines of this kind were left out.');
      budget.suppressed = 0;
    }
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error'), flush };
}

/** How many lines of this action were left out before this one; `null` when this one is left out too. */
function spend(budgets: Map<string, Budget>, action: string, nowMs: number): number | null {
  const key = budgets.has(action) || budgets.size < maxActions ? action : 'other';
  let budget = budgets.get(key);
  if (budget === undefined) budgets.set(key, budget = { startMs: nowMs, written: 0, suppressed: 0 });
  // A clock that was set back begins a new period too.
  if (nowMs - budget.startMs >= periodMs || nowMs < budget.startMs) {
    budget.startMs = nowMs;
    budget.written = 0;
  }
  if (budget.written === linesPerPeriod) {
    budget.suppressed++;
    return null;
  }
  budget.written++;
  const { suppressed } = budget;
  budget.suppressed = 0;
  return suppressed;
}

/** Only what stands in the lists goes out, whatever an object brings along. */
function allowed(fields: LogFields, suppressed: number): Record<string, unknown> {
  const own: Record<string, string | number> = {};
  for (const name of textFields) {
    const value: unknown = fields[name];
    if (typeof value === 'string') own[name] = bounded(value);
  }
  for (const name of numberFields) {
    const value: unknown = fields[name];
    if (typeof value === 'number') own[name] = value;
  }
  if (suppressed > 0) own['suppressed'] = suppressed;
  const { error } = fields;
  const told: Record<string, unknown> = Object.keys(own).length === 0 ? {} : { tokenward: own };
  if (!(error instanceof Error)) return told;
  const code: unknown = 'code' in error ? error.code : undefined;
  told['error.type'] = bounded(error.name);
  if (typeof code === 'string' || typeof code === 'number') told['error.code'] = bounded(String(code));
  return told;
}

function bounded(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
}

const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Beyond what JSON asks for: also C1 controls, line separators and what turns the direction of writing are written as code points. */
function escaped(line: string): string {
  return line.replaceAll(unsafe, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
