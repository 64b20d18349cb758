import { readFileSync } from 'node:fs';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

export interface AskOptions {
  readonly config?: string;
  /** File that holds the operator's token, where the service asks for one. */
  readonly tokenFile?: string;
}

const timeoutMs = 30_000;

const commonRefusals: Readonly<Record<string, string>> = {
  unauthenticated: 'the service wants to know who asks: name the file of your token with --token-file',
  api_token: 'API tokens decide nothing here (server.login.step_up): decide on the page, logged in with the identity provider',
  not_found: 'the service does not know of this: it is of another version',
};

/**
 * Asks the running service that the configuration speaks of; with a body it is a POST. `refusals` gives words for the fixed words
 * of its refusals. Throws where it does not do what it is asked for.
 */
export async function askService<T>(options: AskOptions, path: string, refusals: Readonly<Record<string, string>>, body?: object): Promise<T> {
  const address = addressOf(options);
  const headers = {
    ...(options.tokenFile === undefined ? {} : { authorization: `Bearer ${readToken(options.tokenFile)}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const order = { method: body === undefined ? 'GET' : 'POST', headers, redirect: 'error' as const, signal: AbortSignal.timeout(timeoutMs) };
  const response = await fetch(`${address}${path}`, body === undefined ? order : { ...order, body: JSON.stringify(body) })
    .catch((error: unknown) => { throw new Error(`no service answers on ${address}`, { cause: error }); });
  const answer = await response.json().catch(() => ({})) as T & { error?: string };
  const why = answer.error ?? '';
  if (!response.ok) throw new Error(refusals[why] ?? commonRefusals[why] ?? `the service answers ${response.status}`);
  return answer;
}

function addressOf({ config }: AskOptions): string {
  const { host, port } = loadSettings(config).server;
  if (port === 0) throw new UsageError('server.listen names no port', 'give it a fixed one, so that commands find the service');
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
