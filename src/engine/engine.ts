import type { Correlated } from '../correlate/correlator.ts';
import type { Binding } from '../correlate/registry.ts';
import type { Alert, Incident } from '../model/alert.ts';
import type { Bill, Silence, Unissued } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Proposal } from '../model/intent.ts';
import type { Command } from '../store/port.ts';
import { Commands, type CommandParts } from './commands.ts';
import type { Coverage } from './coverage.ts';
import type { Detection } from './detection.ts';
import type { Duplicates } from './duplicates.ts';
import type { EffectsBuffer } from './effects.ts';
import { lateAfterMs } from './episodes.ts';
import type { FeedClocks } from './feed-clocks.ts';
import type { Issuances } from './issuances.ts';
import type { Partials } from './partials.ts';
import type { Silences } from './silence.ts';
import type { Spending } from './spending.ts';
import { outermost } from './hops.ts';
import type { Placed, Vantages } from './vantages.ts';
import type { Correlation } from './correlation.ts';
import { EventContext } from './event-context.ts';
import { growthOf } from './proposals.ts';
import { Publishing, type PublishingParts } from './publishing.ts';
import { currentEpisode } from './shadows.ts';

export interface EngineParts extends CommandParts, PublishingParts {
  readonly correlation: Correlation;
  readonly detection: Detection;
  readonly coverage: Coverage;
  readonly clocks: FeedClocks;
  readonly silences: Silences;
  readonly duplicates: Duplicates;
  readonly partials: Partials;
  /** What issuers tell of what they mint; without, nothing is held against it. */
  readonly issuances?: Issuances;
  /** Who may be behind a bill. */
  readonly spending?: Spending;
  /** Where several logs may see one request; without, each record is judged as it comes. */
  readonly vantages?: Vantages;
  /** By source: how long its gateway goes on accepting what was revoked, ms. */
  readonly validationCaches?: ReadonlyMap<string, number>;
  readonly effects: EffectsBuffer;
  /** What is to be done about an alert, given its incident and the detectors whose alerts are in that. */
  readonly decide: (alert: Alert, incident: Incident, detectors: readonly string[]) => readonly Proposal[];
  /** Fills in what is known of the source address. */
  readonly enrich: (event: TokenEvent) => void;
  /** Datasets whose providers repeat records under exact ids. */
  readonly repeating: ReadonlySet<string>;
  /** Sees every event once, correlated and enriched, in processing order. */
  readonly onEvent: (event: TokenEvent) => void;
  /** Sees every alert when it is raised. */
  readonly onAlert: (alert: Alert) => void;
  /** Sees an alert that is hidden each time it counts an event more. */
  readonly onHidden: (alert: Alert) => void;
  /** Of a token that is used only to see whether logs get here: it is taken in, and judged by nobody. */
  readonly isCanary?: ((event: TokenEvent) => boolean) | undefined;
}

/** What became of an event that was handed in. */
export type Processed = 'event' | 'duplicate' | 'ignored';

/**
 * The path of one event from correlation to alerts: a pure function of the state and the inputs so
 * far. Time is what events say it is; nothing here reads a clock.
 */
export class Engine {
  readonly #parts: EngineParts;
  readonly #context: EventContext;
  readonly #commands: Commands;
  readonly #publishing: Publishing;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#commands = new Commands(parts);
    this.#publishing = new Publishing(parts);
    this.#context = new EventContext(parts);
  }

  process(event: TokenEvent): Processed {
    const { correlation, duplicates, repeating } = this.#parts;
    if (repeating.has(event.dataset) && duplicates.repeats(event.id, event.orderMs)) return 'duplicate';
    this.#parts.partials.share(event);
    const correlated = correlation.correlate(event);
    this.#settle(correlated);
    if (correlated.event === null) return 'ignored';
    this.#take(correlated.event);
    return 'event';
  }

  /** Event time has reached `timeMs` everywhere. */
  tick(timeMs: number): void {
    this.#settle(this.#parts.correlation.tick(timeMs));
    if (this.#parts.vantages !== undefined) this.#judgePlaced(this.#parts.vantages.release(timeMs));
    for (const { event, silence } of this.#parts.silences.at(timeMs)) this.#judge(event, true, silence);
    this.#judgeUnissued(timeMs);
  }

  /** What an operator decided takes effect. `wasTaken`: it is followed after a crash, and what came of it is in the store. */
  command(command: Command, wasTaken: boolean): void {
    this.#commands.apply(command, wasTaken);
  }

  #settle({ released, bound }: Correlated): void {
    for (const binding of bound) this.#bind(binding);
    for (const event of released) this.#take(event);
  }

  #take(event: TokenEvent): void {
    this.#parts.enrich(event);
    this.#parts.onEvent(event);
    this.#parts.issuances?.see(event);
    const placed = this.#parts.vantages?.place(event) ?? null;
    if (placed === null) this.#count(event);
    else this.#judgePlaced(placed);
    const silent = this.#parts.silences.endedBy(event);
    if (silent !== null) this.#judge(silent.event, true, silent.silence);
    this.#parts.coverage.see(event.source, event.orderMs, event.identityId, event.vantage);
    this.#parts.clocks.see(event);
    this.#judgeUnissued(event.orderMs);
    const billed = this.#parts.spending?.see(event);
    if (billed !== undefined) for (const { event: use, bill } of billed) this.#judge(use, true, null, false, null, bill);
  }

  /** Uses of tokens of which it is known by now that nobody issued them. */
  #judgeUnissued(timeMs: number): void {
    for (const { event, unissued } of this.#parts.issuances?.ripe(timeMs) ?? []) this.#judge(event, false, null, false, unissued);
  }

  #judgePlaced(placed: readonly Placed[]): void {
    for (const { event, isHop } of placed) {
      if (!isHop) this.#count(event);
      else {
        this.#judge(event, !this.#isLate(event), null, true);
        this.#parts.recorder.see(event, true);
      }
    }
  }

  /** A request of its own, by the record that tells most of it. */
  #count(event: TokenEvent): void {
    this.#parts.correlation.dependents.note(event);
    this.#judge(event, !this.#isLate(event));
    this.#publishing.see(event);
  }

  /** Far behind what its own feed had delivered before: others have clocks of their own. */
  #isLate(event: TokenEvent): boolean {
    return this.#parts.clocks.behindMs(event) > lateAfterMs;
  }

  /** Lets every detector judge the event, of a hop those that ask for hops. Late events are judged against the baseline as it is. */
  #judge(event: TokenEvent, learn: boolean, silence: Silence | null = null, isHop = false, unissued: Unissued | null = null, bill: Bill | null = null): void {
    const { detection, exceptions, isCanary } = this.#parts;
    // An event that stands for the silence of its log is judged, whoever's use was its last.
    if (isCanary !== undefined && silence === null && isCanary(event)) return;
    const identity = event.identityId ?? event.token;
    if (identity === null) return;
    detection.start(event);
    exceptions.turnTo(event);
    this.#context.turnTo(event, silence, unissued, bill);
    for (const index of detection.asked.about(event, this.#context, isHop)) {
      if (detection.wants(index, event, this.#context)) this.#observe(index, identity, event, learn);
    }
  }

  /** `identity`: whose the event is, or the token. */
  #observe(index: number, identity: string, event: TokenEvent, learn: boolean): void {
    const { detection, exceptions } = this.#parts;
    const id = detection.id(index);
    const { isDenied } = this.#context;
    const exception = isDenied ? null : exceptions.hiding(id, event, this.#context);
    const { episodes } = exception === null ? this.#parts : exceptions;
    const left = exception === null || exception.kind === 'migration' ? 'accept' : 'drop';
    const episode = episodes.size === 0 ? undefined : currentEpisode(detection, episodes, index, identity, event, left);
    const belongs = episode !== undefined && episodes.covers(episode, event);
    const inShadow = belongs && !isDenied;
    const shadowKey = inShadow ? episodes.shadowKey(id, identity) : null;
    const finding = detection.observe(index, event, this.#context, shadowKey, learn && !isDenied);
    const known = growthOf(episode?.alert);
    if (finding === null) {
      if (!belongs || episodes.ended(episode, event)) return;
      episodes.follow(episode, id, identity, event);
      this.#tell(episode.alert, identity, event, known, false);
      return;
    }
    if (!inShadow && !isDenied) this.#learnInShadow(index, event, episodes.shadowKey(id, identity), episode === undefined);
    const { episode: { alert }, opened } = episodes.hit(id, identity, event, finding, this.#isLate(event), exception?.name);
    this.#tell(alert, identity, event, known, opened);
  }

  /** `known`: its growth before this event. */
  #tell(alert: Alert, identity: string, event: TokenEvent, known: number, opened: boolean): void {
    const { effects, onAlert, onHidden } = this.#parts;
    if (alert.hiddenBy !== undefined) {
      effects.hide(alert);
      onHidden(alert);
      return;
    }
    this.#publishing.alert(alert, identity, event);
    if (opened || growthOf(alert) > known) this.#decide(alert);
    if (opened) onAlert(alert);
  }

  /** What deviates is learned beside the real record, never in it. */
  #learnInShadow(index: number, event: TokenEvent, shadowKey: string, fresh: boolean): void {
    const { detection } = this.#parts;
    if (fresh) detection.openShadow(index, shadowKey);
    detection.observe(index, event, this.#context, shadowKey, true);
  }

  /** At places that the alert itself tells, so that the same is decided however the input was cut into batches. */
  #decide(alert: Alert): void {
    const { decide, incidents, effects } = this.#parts;
    const found = incidents.of(alert);
    if (found !== null) effects.propose(decide(alert, found.incident, found.detectors));
  }

  /** Provisional rows are dropped, not merged; what was observed is observed again under the real owner. */
  #bind(binding: Binding): void {
    const { detection, episodes, effects, enrich, denials, exceptions } = this.#parts;
    denials.rename(binding.provisionalId, binding.identityId);
    detection.forget('identity', binding.provisionalId);
    detection.forget('actor', binding.provisionalId);
    detection.forget('token', binding.token);
    if (binding.formerToken !== null) detection.forget('token', binding.formerToken);
    for (let index = 0; index < detection.detectors; index++) {
      const hidden = exceptions.episodes.rename(detection.id(index), binding.provisionalId, binding);
      if (hidden !== null) effects.hide(hidden.alert);
      const amended = episodes.rename(detection.id(index), binding.provisionalId, binding);
      if (amended === null) continue;
      effects.alert(amended.alert);
      this.#decide(amended.alert);
    }
    for (const observation of outermost(binding.observations)) {
      enrich(observation);
      this.#judge(observation, true);
    }
  }
}
