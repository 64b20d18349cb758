import type { OutboundRequest, Send } from '../outbound/client.ts';
import type { Timing } from '../outbound/timing.ts';

/** `withheld`: the service is not well, and whoever listens is to notice the silence. */
export type Beat = 'sent' | 'failed' | 'withheld';

export interface HeartbeatParts {
  readonly url: string;
  readonly everyMs: number;
  readonly send: Send;
  readonly timing: Timing;
  readonly isWell: () => boolean;
  /** `reason`: a fixed word, `null` when it was sent. */
  readonly onBeat: (beat: Beat, reason: string | null) => void;
}

/** A dead man's switch: calls an address outside for as long as everything here works, so that a machine that is gone is missed as well. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #abort = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  start(): void {
    const { timing, everyMs } = this.#parts;
    this.#cancel = timing.after(everyMs, () => this.start());
    void this.#beat();
  }

  stop(): void {
    this.#cancel();
    this.#abort.abort();
  }

  async #beat(): Promise<void> {
    const { url, send, isWell, onBeat } = this.#parts;
    if (!isWell()) return onBeat('withheld', 'not_well');
    const answer = await send(beatRequest(url), this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    if (answer.kind === 'failed') onBeat('failed', answer.reason);
    else if (answer.status >= 200 && answer.status < 300) onBeat('sent', null);
    else onBeat('failed', `http_${answer.status}`);
  }
}

/** It says nothing of what is going on here: only that it comes counts. */
export function beatRequest(url: string): OutboundRequest {
  return { method: 'POST', url, headers: { 'content-type': 'application/json', 'user-agent': 'tokenward' }, body: '{"service":"tokenward","status":"ok"}' };
}
