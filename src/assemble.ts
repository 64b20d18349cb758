import { detectors as everyDetector } from '../detectors/index.ts';
import { stageOf } from '../detectors/stages.ts';
import type { Configuration } from './config/configuration.ts';
import { readKeyFile } from './config/files.ts';
import { parameterValues } from './config/parameters.ts';
import { unconfiguredSource, type Source } from './config/sources.ts';
import { Correlator } from './correlate/correlator.ts';
import { Routes } from './correlate/routes.ts';
import { openCorrelateState } from './correlate/state.ts';
import { surroundingsOf } from './correlate/surroundings.ts';
import { Coverage } from './engine/coverage.ts';
import { Decided } from './engine/decided.ts';
import { Denials } from './engine/denials.ts';
import { Detection } from './engine/detection.ts';
import { Duplicates } from './engine/duplicates.ts';
import { EffectsBuffer } from './engine/effects.ts';
import { Engine } from './engine/engine.ts';
import { decodeEpisode, Episodes } from './engine/episodes.ts';
import { Exceptions } from './engine/exceptions.ts';
import { FeedClocks } from './engine/feed-clocks.ts';
import { Gatherings } from './engine/gatherings.ts';
import { decodeIncident, Incidents } from './engine/incidents.ts';
import { Issuances, type WaitingUse } from './engine/issuances.ts';
import type { IssuerBook } from './engine/issuer-book.ts';
import type { MakerDays, Minted } from './engine/mints.ts';
import { Loop } from './engine/loop.ts';
import { Partials } from './engine/partials.ts';
import { Positions } from './engine/positions.ts';
import { Recorder } from './engine/recorder.ts';
import { OwnCalls } from './engine/own-calls.ts';
import { Silences } from './engine/silence.ts';
import { Charges } from './engine/charges.ts';
import { ServiceUsers } from './engine/service-users.ts';
import { Spending } from './engine/spending.ts';
import { Vantages, type VantageTables } from './engine/vantages.ts';
import { Fingerprinter, replayKey } from './ingest/fingerprint.ts';
import { formats } from './ingest/formats/index.ts';
import { Normalizer, type ConfiguredSource, type NormalizerOptions } from './ingest/normalizer.ts';
import type { Outcome, RawRecord } from './ingest/record.ts';
import { readSealKey, Sealer } from './ingest/seal.ts';
import { formatCidr, parseCidr, type Cidr } from './intel/cidr.ts';
import { enrich, Intel } from './intel/intel.ts';
import type { Alert } from './model/alert.ts';
import { canaryTest } from './model/canary.ts';
import type { Detector } from './model/detector.ts';
import type { TokenEvent } from './model/event.ts';
import { detectorError, type Refusal } from './model/quarantine.ts';
import { Decisions } from './respond/decisions.ts';
import { knowledgeOf } from './respond/knowledge.ts';
import { ownNames } from './respond/own-credentials.ts';
import { isProtectedEntry } from './respond/protected.ts';
import { catalogueOf, type Catalogue } from './rules/catalogue.ts';
import { KeyHasher } from './state/hash.ts';
import { State } from './state/state.ts';
import { checkKey, loadOrCreateKey } from './store/key.ts';
import { openStore, type Store } from './store/open.ts';

export interface AssembleOptions {
  readonly configuration: Configuration;
  /** Who judges, beside the rules of the configuration. Default: every detector that there is. */
  readonly detectors?: readonly Detector[];
  /** `null` keeps the state only while the process runs. */
  readonly dataDir: string | null;
  /** Sources go on for as long as the program runs, so that their silence says something. Default: false. */
  readonly live?: boolean;
  /** Only this format is recognized; `null` for all. */
  readonly format: string | null;
  /** Sees every event once, correlated and enriched, in processing order. */
  readonly onEvent: (event: TokenEvent) => void;
  /** Sees every alert when it is raised; once again for those that a crash brings back. */
  readonly onAlert?: (alert: Alert) => void;
  /** Sees an alert that an exception hides each time it counts an event more. */
  readonly onHidden?: (alert: Alert) => void;
  readonly onRefusal?: (refusal: Refusal) => void;
  readonly warn: (text: string) => void;
  /** Tokens are kept sealed where the configuration says so. Default: false, for what never acts. */
  readonly sealTokens?: boolean;
}

/** All the pieces, put together over one store. */
export interface Assembly {
  readonly store: Store;
  readonly state: State;
  readonly normalizer: Normalizer;
  readonly intel: Intel;
  readonly correlator: Correlator;
  readonly detection: Detection;
  readonly engine: Engine;
  readonly loop: Loop;
  readonly effects: EffectsBuffer;
  readonly positions: Positions;
  /** Under which policy it is decided what is to be done. Nothing here does it. */
  readonly decisions: Decisions;
  /** What nobody is told of. */
  readonly exceptions: Exceptions;
  readonly ruleOf: (detector: string) => Detector;
  /** Reads records of one format for a source; `null` for a format that is unknown or that the source does not carry. */
  readonly normalizerOf: (source: Source, format: string) => ((record: RawRecord) => Outcome) | null;
}

/** Wires the pieces from a configuration. Throws `StoreError` or `ConfigurationError` where that cannot work. */
export function assemble(options: AssembleOptions): Assembly {
  const { configuration, detectors = everyDetector } = options;
  const fingerprinter = new Fingerprinter(fingerprintKey(options));
  const seal = options.sealTokens === true ? configuration.respond.sealTokens : null;
  const recipient = seal === null ? null : readSealKey(seal.public_key_file);
  const store = openStore(options.dataDir);
  checkKey(store, fingerprinter.keyId);
  const state = new State(store.state, store.seed);
  const effects = new EffectsBuffer(options.onRefusal, () => decisions.hasPolicy);
  const reading = { fingerprinter, ...(recipient === null ? {} : { sealer: new Sealer(recipient, (sealed) => effects.seal(sealed)) }) };
  const intel = openIntel(configuration);
  const correlator = new Correlator(openCorrelateState(state), { inventory: configuration.inventory });
  const catalogue = catalogueOf(detectors, configuration.rules);
  const decisions = new Decisions(configuration, knowledgeOf(correlator), catalogue);
  const duplicates = new Duplicates(state.entities('seen-ids'), new KeyHasher(store.seed));
  const detection = openDetection(configuration, catalogue, state, effects, (event) => decisions.isOwn(event) || isProtectedEntry(correlator.entryFor(event)));
  const incidents = openIncidents(configuration, state, correlator, catalogue);
  const exceptions = openExceptions(configuration, state, detectors);
  const coverage = new Coverage(state.entities('coverage'));
  const engine = new Engine({
    correlation: correlator, detection, effects, duplicates, onEvent: options.onEvent, onAlert: options.onAlert ?? (() => undefined),
    onHidden: options.onHidden ?? (() => undefined), exceptions, isCanary: canaryTest(configuration.canaries),
    enrich: enrichment(configuration, state, intel, correlator),
    repeating: new Set(formats.filter((format) => format.repeats).map((format) => format.id)),
    episodes: new Episodes(state.entities('episode', { decode: decodeEpisode })), denials: new Denials(state.entities('theft')),
    decided: new Decided(state.entities('decided')),
    decide: (alert, incident, raising) => decisions.decide(alert, incident, raising),
    storedAlert: (id) => store.effects.alert(id),
    incidents, coverage, silences: new Silences(coverage, incidents, correlator, state.entities('silence'), options.live ?? false),
    clocks: new FeedClocks(state.entities('feed-clock', { capacity: 10_000 })),
    partials: new Partials(state.entities('running-request')),
    recorder: new Recorder({ recordings: state.entities('recording'), effects, lineageOf: (token) => correlator.lineageOf(token) }),
    issuances: openIssuances(state, coverage, correlator),
    spending: openSpending(state), ownCalls: openOwnCalls(configuration, state, decisions),
    vantages: openVantages(configuration, state, correlator), validationCaches: validationCaches(configuration),
  });
  const positions = new Positions(store.state.positions());
  for (const note of state.notes()) options.warn(note);
  const loop = new Loop({
    engine, effects, duplicates, state, positions, clock: state.entities('clock'),
    effectsStore: store.effects, stateStore: store.state,
  });
  return {
    store, state, intel, correlator, detection, engine, loop, effects, positions, decisions, exceptions, ruleOf: catalogue.of,
    normalizer: makeNormalizer(options, reading), normalizerOf: (source, format) => normalizerOf(source, format, reading),
  };
}

function enrichment({ resources }: Configuration, state: State, intel: Intel, correlator: Correlator): (event: TokenEvent) => void {
  const routes = new Routes(resources.patterns, state.entities('route-node'));
  return (event) => {
    enrich(event, intel);
    routes.fill(event);
    correlator.dependents.callers.guess(event);
  };
}

function openDetection(
  configuration: Configuration, catalogue: Catalogue, state: State, effects: EffectsBuffer, isVital: (event: TokenEvent) => boolean,
): Detection {
  return new Detection(
    catalogue.all.map((detector) => ({ detector, values: parameterValues(detector, configuration) })),
    (scope, parts) => state.rows(scope, parts),
    (detector, event) => effects.refuse(detectorError(detector, event)), isVital,
  );
}

function openExceptions(configuration: Configuration, state: State, detectors: readonly Detector[]): Exceptions {
  const hidden = new Episodes(state.entities('hidden-episode', { decode: decodeEpisode }), 'hidden|');
  return new Exceptions(hidden, configuration, detectors.filter(({ neverHidden }) => neverHidden).map(({ id }) => id), state.entities('quiet'));
}

function openIncidents({ networks }: Configuration, state: State, correlator: Correlator, catalogue: Catalogue): Incidents {
  const vendorNetworks = new Map(networks.flatMap(({ vendor, cidrs }) => (
    vendor === undefined ? [] : cidrs.map((block) => [formatCidr(parseCidr(block) as Cidr), vendor] as const))));
  const surroundings = surroundingsOf(correlator, vendorNetworks);
  const gatherings = new Gatherings(state.entities('gathering', { capacity: 20_000 }), state.entities('gathering-move'), surroundings);
  const { evidenceOf } = catalogue;
  const facts = { evidenceOf, stageOf: (id: string) => stageOf(id, evidenceOf(id)) };
  return new Incidents(state.entities('incident', { decode: decodeIncident }), state.entities('incident-link'), gatherings, facts);
}

function openOwnCalls(configuration: Configuration, state: State, decisions: Decisions): OwnCalls {
  return new OwnCalls({
    calls: state.entities('own-call'), learned: state.entities('own-name'), names: ownNames(configuration),
    actions: configuration.respond.actions.map(({ name }) => name), onLearned: (names) => decisions.learn(names),
  });
}

function openSpending(state: State): Spending {
  const users = new ServiceUsers({
    users: state.entities('service-user', { capacity: 1_000 }), services: state.entities('account-service', { capacity: 1_000 }),
  });
  return new Spending(users, new Charges(state.entities('charge', { capacity: 1_000 })));
}

function openIssuances(state: State, coverage: Coverage, correlator: Correlator): Issuances {
  const tables = {
    issuers: state.entities<IssuerBook>('issuer'), waiting: state.entities<WaitingUse>('unissued'),
    mints: state.entities<Minted>('mint'), makers: state.entities<MakerDays>('mint-maker'),
  };
  return new Issuances(tables, coverage, correlator);
}

/** Sources without a list of formats may look from anywhere: what they bring is learned. */
function openVantages({ sources }: Configuration, state: State, correlator: Correlator): Vantages {
  const configured = sources.flatMap(({ vantage, formats: carried }) => vantage
    ?? formats.filter(({ id }) => carried.includes(id)).map((format) => format.vantage));
  const tables: VantageTables = { requests: state.entities('request-seen'), book: state.entities('vantages'), fronts: state.entities('request-front') };
  return new Vantages(tables, configured, (token) => correlator.markUpstream(token));
}

function validationCaches({ sources }: Configuration): ReadonlyMap<string, number> {
  return new Map(sources.flatMap(({ name, validationCacheMs }) => (name === null || validationCacheMs === null ? [] : [[name, validationCacheMs]])));
}

/** What all readers of records share. */
type Reading = Pick<NormalizerOptions, 'fingerprinter' | 'sealer'>;

/** From the configuration, else from the data folder, else the published one. */
function fingerprintKey({ configuration, dataDir, warn }: AssembleOptions): Uint8Array {
  const file = configuration.identity.fingerprintKeyFile;
  if (file !== null) return readKeyFile(file);
  if (dataDir !== null) return loadOrCreateKey(dataDir);
  warn('fingerprints are made with the published replay key, because neither the configuration nor a data folder gives one');
  return replayKey;
}

function openIntel({ networks, intel }: Configuration): Intel {
  return Intel.open({ networks, feeds: intel.feeds, asnFile: intel.asnMmdb, countryFile: intel.countryMmdb });
}

function makeNormalizer({ configuration, format }: AssembleOptions, reading: Reading): Normalizer {
  const only = (listed: readonly string[]): readonly string[] | null => (format !== null ? [format] : listed.length === 0 ? null : listed);
  const configured = (source: Source): ConfiguredSource => ({ settings: source, formats: only(source.formats) });
  return new Normalizer(formats, { ...reading, sources: configuration.sources.map(configured), unconfigured: configured(unconfiguredSource) });
}

function normalizerOf(source: Source, format: string, reading: Reading): ((record: RawRecord) => Outcome) | null {
  const carried = formats.some(({ id }) => id === format) && (source.formats.length === 0 || source.formats.includes(format));
  if (!carried) return null;
  const normalizer = new Normalizer(formats, { ...reading, sources: [{ settings: source, formats: [format] }] });
  return (record) => normalizer.normalize(record);
}
