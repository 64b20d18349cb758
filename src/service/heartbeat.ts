import type { OutboundRequest, Send } from '../outbound/client.ts';
import type { Timing } from '../outbound/timing.ts';

/** `withheld`: the service is not well, and whoever listens is to notice the silence. */
export type Beat = 'sent' | 'failed' | 'withheld';

/** Whoever listens shall not be alarmed for longer than the cause lasts. */
const retryMs = 5_000;

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
    void this.#beatAndGoOn();
  }

  stop(): void {
    this.#cancel();
    this.#abort.abort();
  }

  async #beatAndGoOn(): Promise<void> {
    const { timing, everyMs } = this.#parts;
    const isSent = await this.#beat();
    if (this.#abort.signal.aborted) return;
    this.#cancel = timing.after(isSent ? everyMs : Math.min(everyMs, retryMs), () => { void this.#beatAndGoOn(); });
  }

  async #beat(): Promise<boolean> {
    const { url, send, isWell, onBeat } = this.#parts;
    if (!isWell()) {
      onBeat('withheld', 'not_well');
      return false;
    }
    const answer = await send(beatRequest(url), this.#abort.signal);
    if (this.#abort.signal.aborted) return false;
    const reason = answer.kind === 'failed' ? answer.reason : answer.status >= 200 && answer.status < 300 ? null : `http_${answer.status}`;
    onBeat(reason === null ? 'sent' : 'failed', reason);
    return reason === null;
  }
}

/** It says nothing of what is going on here: only that it comes counts. */
export function beatRequest(url: string): OutboundRequest {
  return { method: 'POST', url, headers: { 'content-type': 'application/json', 'user-agent': 'tokenward' }, body: '{"service":"tokenward","status":"ok"}' };
}
