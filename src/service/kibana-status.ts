import type { Configuration } from '../config/configuration.ts';
import type { Alert } from '../model/alert.ts';
import type { Timing } from '../outbound/timing.ts';
import type { Triage } from '../respond/triage.ts';
import { ElasticsearchClient } from '../sinks/elasticsearch.ts';
import { statusIndex } from '../sinks/kibana/rule.ts';
import { readStatuses, statusQuery, type KibanaStatus } from '../sinks/kibana/status.ts';
import type { Log } from './log.ts';
import { elasticsearchOptions } from './make-sink.ts';

const everyMs = 60_000;
/** Of 500 each; older ones were read before. */
const maxPages = 20;

/** What is noted at the alert: a proposal, for a person to follow or not. */
export const proposals: Readonly<Record<KibanaStatus, string>> = {
  acknowledged: 'Acknowledged in Kibana. Nothing was changed here: acknowledge it here if you agree.',
  closed: 'Closed in Kibana. Nothing was changed here: close it here, as what it was, if you agree.',
};

export interface KibanaStatusParts {
  /** As configured; the notes carry it. */
  readonly sink: string;
  readonly space: string;
  readonly client: Pick<ElasticsearchClient, 'request'>;
  readonly alert: (id: string) => Alert | null;
  readonly triage: Pick<Triage, 'note'>;
  readonly timing: Timing;
  readonly log: Log;
}

/**
 * Brings the statuses that people set in Kibana back, as notes of the alerts. A status of another system closes nothing, undoes nothing and
 * teaches nothing: whoever can write there must not be able to make this service look away.
 */
export class KibanaStatuses {
  readonly #parts: KibanaStatusParts;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(parts: KibanaStatusParts) {
    this.#parts = parts;
  }

  /** Asks now and each minute. */
  async start(): Promise<void> {
    await this.look();
    if (!this.#isStopped) this.#cancel = this.#parts.timing.after(everyMs, () => { void this.start(); });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** One round. Never throws. */
  async look(): Promise<void> {
    const { client, space, log, sink } = this.#parts;
    const statuses = new Map<string, KibanaStatus>();
    let after: readonly unknown[] | null = null;
    for (let page = 0; page < maxPages && !this.#isStopped; page++) {
      const answer = await client.request('POST', `/${statusIndex(space)}/_search?ignore_unavailable=true`, statusQuery(after));
      const read = 'failure' in answer || answer.status !== 200 ? null : readStatuses(answer.body);
      if (read === null) {
        const reason = 'failure' in answer ? answer.failure : answer.type ?? `http_${answer.status}`;
        log.warn('kibana_status_failed', 'Statuses of Kibana cannot be read.', { sink, reason });
        break;
      }
      for (const { alertId, status } of read.hits) if (statuses.get(alertId) !== 'closed') statuses.set(alertId, status);
      after = read.hits.at(-1)?.after ?? null;
      if (!read.isFull || after === null) break;
    }
    // Stopped meanwhile, the store may be closed.
    if (!this.#isStopped) for (const [id, status] of statuses) this.#propose(id, status);
  }

  /** Once for each status: the alert's own notes tell what was proposed. */
  #propose(id: string, status: KibanaStatus): void {
    const { alert: alertOf, triage, sink } = this.#parts;
    const alert = alertOf(id);
    const by = `kibana (${sink})`;
    if (alert === null || alert.status === 'closed' || alert.status === status) return;
    if (alert.notes?.findLast((note) => note.by === by)?.text === proposals[status]) return;
    triage.note(id, proposals[status], by);
  }
}

/** One for each sink that is to read them; already asking. */
export function followKibana({ sinks }: Configuration, parts: Pick<KibanaStatusParts, 'alert' | 'triage' | 'timing' | 'log'>): { stop(): void } {
  const followed = sinks.flatMap((section) => (section.type === 'elasticsearch' && section.kibana?.read_status === true
    ? [new KibanaStatuses({ ...parts, sink: section.name, space: section.kibana.space, client: new ElasticsearchClient(elasticsearchOptions(section)) })]
    : []));
  for (const one of followed) void one.start();
  return { stop: () => followed.forEach((one) => one.stop()) };
}
