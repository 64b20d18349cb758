import { join } from 'node:path';
import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Rule } from '../config/policy.ts';
import type { ExecutorEvent } from '../respond/executor-event.ts';
import { intentStates, type Target } from '../model/intent.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import { whyByHand } from '../respond/by-hand.ts';
import { lanes } from '../respond/caps.ts';
import { Desk } from '../respond/desk.ts';
import type { DeskPort } from '../respond/desk-port.ts';
import { Enforcement, type Enforced } from '../respond/enforcement.ts';
import { Executor } from '../respond/executor.ts';
import { KillSwitch } from '../respond/kill-switch.ts';
import { Ledger } from '../respond/ledger.ts';
import { OwnNames, type OwnNamesParts } from '../respond/own-names.ts';
import type { Actions } from '../respond/port.ts';
import { isProtectedEntry } from '../respond/protected.ts';
import { Triage } from '../respond/triage.ts';
import { World } from '../respond/world.ts';
import type { Timing } from '../outbound/timing.ts';
import type { ResponseStore } from '../store/port.ts';
import { makeAuditKeeper } from './audit.ts';
import { StoredCommands, type Commands } from './commands.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

const watchedKey = 'respond.own-watch';

export interface ResponseParts {
  readonly configuration: Configuration;
  readonly assembly: Assembly;
  readonly actions: Actions;
  readonly timing: Timing;
  readonly log: Log;
  readonly metrics: Metrics;
  /** There is work for the engine. */
  readonly wakeEngine: () => void;
}

/** Everything that acts, and where people decide on it. */
export interface Response {
  readonly desk: DeskPort;
  readonly triage: Triage;
  readonly killSwitch: KillSwitch;
  readonly commands: Commands;
  /** Something was committed. */
  readonly wake: () => void;
  /** Tells people which rules of a policy do not act by themselves before two of them have agreed. */
  tellWaiting(rules: readonly Rule[]): void;
  /** Resolves when it has stopped; rejects where the store cannot be used. */
  start(): Promise<void>;
  /** What is under way gets this long to end. */
  stop(graceMs: number): Promise<void>;
  /** Brings the metrics that are only looked at when somebody asks up to date. */
  gather(): void;
}

/** Nothing of it acts before `start`. */
export function makeResponse(parts: ResponseParts): Response {
  const { configuration, assembly, timing, log, metrics } = parts;
  const { effects, dir } = assembly.store;
  const report = reporter(log, metrics);
  const audit = makeAuditKeeper({
    store: assembly.store, settings: configuration.respond.auditCheckpoints, timing, page: (reason) => report({ kind: 'page', reason, subject: 'audit' }),
  });
  const commands = new StoredCommands(effects.responses);
  const killSwitch = new KillSwitch(configuration.respond.killSwitchFile ?? join(dir, 'kill-switch'));
  const wakeEngine = (): void => {
    commands.changed();
    parts.wakeEngine();
  };
  metrics.set('tokenward_audit_broken', {}, audit.isWhole ? 0 : 1);
  const onNotes = (): void => {
    audit.changed();
    executor.wake();
  };
  const ledger = new Ledger({ effects, now: () => timing.now(), onNotes, onCommands: wakeEngine });
  const enforcement = new Enforcement({ effects, rules: () => assembly.decisions.policy.rules, limits: configuration.respond });
  const world = makeWorld(parts, killSwitch, enforcement);
  const own = new OwnNames({ actions: parts.actions.values(), ledger, timing, onUnknown: unnamed(log) });
  const executor = new Executor({ ledger, world, timing, report, isWhole: () => assembly.loop.expected === null });
  return {
    desk: new Desk({ ledger, world, killSwitch, enforcement }), killSwitch, commands,
    triage: new Triage({ ledger, mayHide: (detector) => assembly.ruleOf(detector)?.neverHidden !== true }),
    wake() {
      // Others add notes as well, such as of refused requests.
      audit.changed();
      executor.wake();
    },
    tellWaiting: (rules) => tellWaiting(enforcement.list(rules), log),
    async start() {
      if (audit.isWhole) {
        enforcement.begin(timing.now());
        this.tellWaiting(assembly.decisions.policy.rules);
        watchOwn(ledger);
        own.start();
        return executor.start();
      }
      report({ kind: 'page', reason: 'audit_broken', subject: 'audit' });
    },
    async stop(graceMs) {
      await own.stop();
      await executor.stop(graceMs);
      await audit.stop();
    },
    gather: () => gather(effects.responses, world, metrics),
  };
}

function unnamed(log: Log): OwnNamesParts['onUnknown'] {
  return (action, reason) =>
    log.warn('own_name_unknown', 'Nobody could say by what name logs know a credential of ours, so its misuse is not seen.', { action, reason });
}

/** From the first start on calls are noted before they are made: the engine judges its own credentials from there. */
function watchOwn({ effects, now }: Ledger): void {
  if (effects.getMeta(watchedKey) !== null) return;
  effects.responses.putCommand({ kind: 'own-watch', atMs: now() }, 'executor', now());
  effects.setMeta(watchedKey, String(now()));
}

function gather(responses: ResponseStore, world: World, metrics: Metrics): void {
  const counts = responses.intentCounts();
  for (const state of intentStates) metrics.set('tokenward_intents', { state }, counts[state] ?? 0);
  for (const lane of lanes) metrics.set('tokenward_response_breaker_open', { lane }, world.breakerSinceMs(lane) === null ? 0 : 1);
  metrics.set('tokenward_kill_switch_on', {}, world.isKilled() ? 1 : 0);
  metrics.set('tokenward_audit_entries', {}, responses.auditHead()?.number ?? 0);
}

function tellWaiting(rules: readonly Enforced[], log: Log): void {
  const count = rules.filter(({ isInForce }) => !isInForce).length;
  if (count > 0) log.warn('enforcement_waits', 'Rules that enforce wait for two people: see "tokenward respond enforce".', { count });
}

function makeWorld({ configuration, assembly, actions }: ResponseParts, killSwitch: KillSwitch, enforcement: Enforcement): World {
  const { respond } = configuration;
  const { correlator, decisions } = assembly;
  const entryOf = ({ handle, identityId, identityName: name }: Target): InventoryEntry | null =>
    correlator.entryOf(handle, identityId === null ? null : { id: identityId, name });
  return new World({
    effects: assembly.store.effects, actions, killSwitch, caps: respond.caps, maxEvidenceAgeMs: respond.maxEvidenceAgeMs,
    // Both may be reloaded.
    get policyHash() { return decisions.policy.hash; },
    neverRevoke: {
      protects: (target) => decisions.policy.neverRevoke.protects(target) || isProtectedEntry(entryOf(target)),
    },
    wouldBreak: (intent) => decisions.wouldBreak(intent, assembly.store.effects.alert(intent.alertId)),
    moved: (intent) => {
      const alert = assembly.store.effects.alert(intent.alertId);
      // Nobody can tell: then everybody has stayed.
      return alert === null ? { waitingFor: intent.dependents.map(({ name }) => name), suspects: [] } : decisions.moved(intent, alert);
    },
    whyByHand: (intent, nowMs) => whyByHand(intent, nowMs, {
      enforcement, responses: assembly.store.effects.responses, freeze: respond.freeze, caps: respond.caps, rules: () => decisions.policy.rules,
    }),
    isKnown: (token) => correlator.token(token) !== null,
    usedSince: (timeMs) => {
      let count = 0;
      for (const token of correlator.tokens()) if (token.lastUsedMs !== null && token.lastUsedMs >= timeMs) count++;
      return count;
    },
  });
}

const pages: Readonly<Record<string, string>> = {
  over_cap: 'More was to be done than the caps let through: the rest waits for two people. See "tokenward respond list".',
  kill_switch_on: 'The kill switch is on: nothing is done.',
  kill_switch_unreadable: 'The file of the kill switch cannot be read: nothing is done.',
  action_failed: 'An action failed for good.', undo_failed: 'Taking back an action failed for good.',
  not_moved: 'Not all users of a credential were seen on its new one: nothing is cut unless somebody says so. See "tokenward respond list".',
  thief_has_new: 'The new credential of a rotation was used from where the theft is: whoever it is reads the store as well.',
  revived: 'What was taken back made a token work again whose alert still stands.',
  unverified: 'Nobody can tell whether an action took effect.',
  store_failed: 'What is done cannot be noted, so nothing more is done.',
  audit_broken: 'The audit chain lacks entries that were there: nothing is done. See "tokenward audit verify".',
  audit_checkpoint_failed: 'No signed checkpoint of the audit chain can be written.',
  audit_head_failed: 'The head of the audit chain cannot be kept beside the store.',
};

function reporter(log: Log, metrics: Metrics): (event: ExecutorEvent) => void {
  return (event) => {
    if (event.kind === 'call') {
      const { action, result, reason } = event;
      metrics.count('tokenward_response_calls_total', { action, result });
      const fields = { action, ...(reason === null ? {} : { reason }) };
      if (result === 'retry' || result === 'failed') log.warn(`response_${result}`, 'A call of an action did not succeed.', fields);
      else log.info('response_call', 'An action was carried out.', fields);
      return;
    }
    metrics.count('tokenward_pages_total', { reason: event.reason });
    log.error(`page_${event.reason}`, pages[event.reason] ?? 'Somebody must look.', { reason: event.reason, intent: event.subject });
  };
}
