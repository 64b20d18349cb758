/** What one place got, compared with what a plain run over the same records found. */

/** The parts of an alert that do not say where its records stood. */
export interface Told {
  readonly '@timestamp': string;
  readonly event: { readonly id: string; readonly start: string; readonly end: string; readonly created: string; readonly severity: number; readonly reason: string };
  readonly rule: { readonly id: string };
  readonly tokenward: { readonly identity: { readonly id: string }; readonly alert: { readonly count: number; readonly version: number; readonly evidence: readonly string[] } };
}

/** One document as it came. `messageId`: under which it was sent; `null` where the place keeps one document per alert. */
export interface Arrived { readonly messageId: string | null; readonly document: Told; readonly genuine: boolean }

export interface Verdict {
  /** Alerts that did not come. */
  readonly missing: readonly string[];
  /** Alerts that nobody should have raised. */
  readonly extra: readonly string[];
  /** Messages that came again more often than a death between sending and noting explains, and alerts kept twice. */
  readonly repeated: readonly string[];
  /** Documents that say what is not so, and messages that are not signed rightly. */
  readonly phantom: readonly string[];
}

export const clean: Verdict = { missing: [], extra: [], repeated: [], phantom: [] };

/** The last state of each alert, whole: for a place that keeps one document per alert. */
export function checkKept(oracle: readonly Told[], arrived: readonly Arrived[]): Verdict {
  const expected = byId(oracle);
  const ids = arrived.map(({ document }) => document.event.id);
  return {
    ...presence(expected, ids),
    repeated: ids.filter((id, place) => ids.indexOf(id) !== place),
    phantom: arrived.filter(({ document, genuine }) => {
      const truth = expected.get(document.event.id);
      return !genuine || truth !== undefined && essence(truth) !== essence(document);
    }).map(({ document }) => document.event.id),
  };
}

/** What was told of each alert as it grew: for a place that gets a message for each change worth telling. */
export function checkTold(oracle: readonly Told[], arrived: readonly Arrived[], deaths: number): Verdict {
  const expected = byId(oracle);
  const times = new Map<string, number>();
  for (const { messageId } of arrived) times.set(messageId!, (times.get(messageId!) ?? 0) + 1);
  return {
    ...presence(expected, arrived.map(({ document }) => document.event.id)),
    repeated: [...times].filter(([, count]) => count > 1 + deaths).map(([id]) => id),
    phantom: arrived.filter(({ messageId, document, genuine }) => !genuine || !isPossible(messageId!, document, expected.get(document.event.id)))
      .map(({ messageId }) => messageId!),
  };
}

function presence(expected: ReadonlyMap<string, Told>, ids: readonly string[]): Pick<Verdict, 'missing' | 'extra'> {
  const came = new Set(ids);
  return { missing: [...expected.keys()].filter((id) => !came.has(id)), extra: [...came].filter((id) => !expected.has(id)) };
}

function byId(documents: readonly Told[]): ReadonlyMap<string, Told> {
  return new Map(documents.map((document) => [document.event.id, document]));
}

function essence({ '@timestamp': timestamp, event, rule, tokenward: { identity, alert } }: Told): string {
  const { id, start, end, created, severity, reason } = event;
  return JSON.stringify([timestamp, id, start, end, created, severity, reason, rule.id, identity.id, alert.count, alert.version, alert.evidence]);
}

/** An earlier state of the alert: it began as it did, its evidence is the beginning of the whole, and the id names a version that it had reached. */
function isPossible(messageId: string, { event, rule, tokenward: { identity, alert } }: Told, truth: Told | undefined): boolean {
  if (truth === undefined) return true;
  const whole = truth.tokenward.alert;
  const [id, version] = messageId.split('.') as [string, string];
  return id === event.id && Number(version) >= 1 && Number(version) <= alert.version && event.start === truth.event.start && event.created === truth.event.created
    && rule.id === truth.rule.id && identity.id === truth.tokenward.identity.id && event.severity <= truth.event.severity && alert.version <= whole.version
    && alert.count <= whole.count && alert.evidence.slice(0, 25).every((one, place) => one === whole.evidence[place]);
}

/** True where there is nothing to complain of. */
export function isClean(verdict: Verdict): boolean {
  return Object.values(verdict).every((ids: readonly string[]) => ids.length === 0);
}
