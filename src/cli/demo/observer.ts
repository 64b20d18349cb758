import { pause } from './pause.ts';
import type { AlertDetail, AlertSummary, IntentView, Status } from '../../server/api/shapes.ts';

const pollMs = 40;
/** Nobody answers: it may be starting again. */
const patienceMs = 30_000;

/** Somebody at Tokenward's API with an account's token: what the story knows of Tokenward, it knows from there. */
export class Observer {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  status(): Promise<Status> {
    return this.#get('/api/status');
  }

  async alerts(): Promise<readonly AlertSummary[]> {
    return (await this.#get<{ alerts: readonly AlertSummary[] }>('/api/alerts?limit=200')).alerts;
  }

  alert(id: string): Promise<AlertDetail> {
    return this.#get(`/api/alerts/${id}`);
  }

  /** Steps of the plan on one token, in order. */
  async plan(handle: string): Promise<readonly IntentView[]> {
    const { intents } = await this.#get<{ intents: readonly IntentView[] }>('/api/intents');
    return intents.filter(({ target }) => target.handle === handle).sort((a, b) => a.step - b.step);
  }

  /** Asks until `look` finds something, or the time is over: then `null`. */
  async until<T>(withinMs: number, look: () => Promise<T | null>): Promise<T | null> {
    const endMs = Date.now() + withinMs;
    for (;;) {
      const found = await look().catch(() => null);
      if (found !== null || Date.now() >= endMs) return found;
      await pause(pollMs);
    }
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await this.#ask(path);
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return await answer.json() as T;
  }

  async #ask(path: string): Promise<Response> {
    const endMs = Date.now() + patienceMs;
    for (;;) {
      try {
        return await fetch(this.#url + path, { headers: { authorization: `Bearer ${this.#token}` } });
      } catch (error) {
        if (Date.now() >= endMs) throw error;
        await pause(pollMs);
      }
    }
  }
}
