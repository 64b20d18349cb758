import type { Configuration } from '../config/configuration.ts';
import type { Alert, Incident } from '../model/alert.ts';
import { newIntent, type Dependent, type Proposal } from '../model/intent.ts';
import { detectors } from '../../detectors/index.ts';
import { watchAction, watchName } from '../respond/actions/watch.ts';
import { openActions } from '../respond/actions/index.ts';
import { whyByHand } from '../respond/by-hand.ts';
import { caseOf } from '../respond/decide.ts';
import { Decisions } from '../respond/decisions.ts';
import { Enforcement } from '../respond/enforcement.ts';
import { knowledgeOf } from '../respond/knowledge.ts';
import { whyNot } from '../respond/policy.ts';
import type { Action, ActionFacts, Actions } from '../respond/port.ts';
import { meaningOf } from '../respond/words.ts';
import { catalogueOf } from '../rules/catalogue.ts';
import { currentIncident } from '../store/current-incident.ts';
import { findAlert } from './find-alert.ts';
import { withKnown, type Known, type KnownOptions } from './known.ts';
import { table } from './table.ts';

interface Options extends KnownOptions { readonly json?: true }

/** `respond plan`: what would be done about an alert, which line of the policy says so, and what it would break. Does nothing. */
export async function showPlan(id: string, options: Options): Promise<void> {
  await withKnown(options, (known) => {
    const alert = findAlert(known.store, id);
    const { decisions, incident } = decisionsOn(alert, known);
    const proposals = decisions.decide(alert, incident, raisingOf(alert, known));
    const lines = options.json ? proposals.map((proposal) => JSON.stringify(proposal)) : planText(alert, proposals, known);
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  });
}

/** Detectors whose alerts in the incident are of the alert's own identity or lineage. */
function raisingOf(alert: Alert, { store, correlator }: Known): string[] {
  const rootOf = ({ first: { token } }: Alert): string | null => (token === null ? null : correlator.lineageOf(token));
  const root = rootOf(alert);
  const all = (currentIncident(store.effects, alert.incidentId)?.alertIds ?? []).map((id) => store.effects.alert(id)).filter((one) => one !== null);
  const own = all.filter((one) => one.first.identityId === alert.first.identityId || root !== null && rootOf(one) === root);
  return [...new Set([...own, alert].map(({ detector }) => detector))];
}

function decisionsOn(alert: Alert, { store, correlator, configuration }: Known): { readonly decisions: Decisions; readonly incident: Incident } {
  const incident = store.effects.incident(alert.incidentId);
  if (incident === null) throw new Error(`the store lacks the incident ${alert.incidentId}`);
  const riskScore = currentIncident(store.effects, alert.incidentId)?.riskScore ?? incident.riskScore;
  const decisions = new Decisions(configuration, knowledgeOf(correlator), catalogueOf(detectors, configuration.rules));
  return { decisions, incident: { ...incident, riskScore } };
}

function planText(alert: Alert, proposals: readonly Proposal[], known: Known): string[] {
  const { configuration, correlator } = known;
  const actions = openFacts(known);
  const head = [alert.reason, ''];
  if (configuration.policy.length === 0) return [...head, 'There is no policy, so nothing is proposed: see docs/respond.md.'];
  const plans = Map.groupBy(proposals, ({ planId }) => planId);
  const planned = new Set(proposals.map(({ target }) => target.token));
  const bare = alert.tokens.filter((token) => !planned.has(correlator.token(token)?.fingerprint ?? token));
  return [
    ...head, ...[...plans.values()].flatMap((steps) => planOfToken(alert, steps, configuration, actions, known)),
    ...bare.flatMap((token) => unplanned(alert, token, known)),
  ];
}

function planOfToken(
  alert: Alert, steps: readonly Proposal[], configuration: Configuration, actions: Actions | string, known: Known,
): string[] {
  const { target, rule, mode, lowered, dependents } = steps[0] as Proposal;
  const place = configuration.policy.findIndex(({ name }) => name === rule);
  const asked = configuration.policy[place]?.mode ?? mode;
  const why = lowered === null ? '' : `, not ${asked}: ${meaningOf(lowered)}`;
  const lines = pairs([
    ['rule', `${rule} (${configuration.policyPlaces[place] ?? 'the configuration'}), the first that matches`],
    ...passedOver(alert, target.token, known, place), ['mode', `${mode}${why}`], ...waits(steps[0] as Proposal, known),
    ['proof', proof(alert, configuration.respond.maxEvidenceAgeMs)],
  ]);
  const numbered = steps.flatMap((step) => {
    const state = known.store.effects.responses.intent(step.id)?.state;
    const action = typeof actions === 'string' ? actions : actions.get(step.action);
    const standing = state === undefined ? '' : `  [${step.id}, ${state}]`;
    const less = step.mode === mode ? '' : ` (${step.mode})`;
    return [`${step.step + 1}. ${step.kind} by ${step.action}${less}${standing}`, ...stepLines(step, action, target.token)];
  });
  return [
    `Token ${nameOf(steps[0] as Proposal)} of ${target.identityName ?? target.identityId ?? 'nobody known'}`,
    ...lines, ...dependentLines(dependents), ...numbered, '',
  ];
}

/** Rules before the one that matched, and what of them does not hold. */
function passedOver(alert: Alert, fingerprint: string, known: Known, until: number): [string, string][] {
  const { policy, policyPlaces } = known.configuration;
  const token = known.correlator.token(fingerprint);
  if (token === null) return [];
  const { decisions, incident } = decisionsOn(alert, known);
  const about = caseOf(decisions.situation(alert, incident, []), token, knowledgeOf(known.correlator));
  return policy.slice(0, Math.max(0, until)).map((rule, place) => (
    ['passed over', `${rule.name} (${policyPlaces[place] ?? ''}): ${whyNot(rule, about) ?? 'nothing'} does not match`]));
}

/** Why what would go by itself waits for a person just now. */
function waits(step: Proposal, { configuration: { policy, respond }, store: { effects } }: Known): [string, string][] {
  if (step.mode !== 'enforce') return [];
  const rules = (): Configuration['policy'] => policy;
  const enforcement = new Enforcement({ effects, rules, limits: respond });
  // What a service begins with is taken at its word.
  if (!enforcement.hasBegun) return [];
  const why = whyByHand(newIntent(step), Date.now(), { enforcement, rules, freeze: respond.freeze, caps: respond.caps, responses: effects.responses });
  return why === null ? [] : [['waits', `${meaningOf(why)} (${why})`]];
}

function proof({ provenMs }: Alert, maxAgeMs: number): string {
  if (provenMs === null) return 'none: nobody checked the token';
  const isOld = Date.now() - provenMs > maxAgeMs;
  return `newest verified deviating use ${new Date(provenMs).toISOString()}${isOld ? ', too old to act on without a fresh one' : ''}`;
}

/** `action`: a sentence where actions cannot be opened here. */
function stepLines(step: Proposal, action: Action | string | undefined, token: string): string[] {
  const unfit = typeof action === 'object' ? action.fits(step.target, step.kind, step.keepNetworks) : null;
  const no = step.refused ?? unfit;
  const broken = step.kind === 'deny' || step.kind === 'revoke' ? step.dependents.filter(({ suspect }) => !suspect).map(({ name }) => name) : [];
  const facts = typeof action === 'object' ? factLines(action.facts) : [['effect', action ?? 'the configuration has no such action'] as const];
  const other = step.target.token === token ? [] : [['target', nameOf(step)] as [string, string]];
  return pairs([
    ...other, ...no === null ? [] : [['refused', `${meaningOf(no)} (${no})`]] as [string, string][], ...facts,
    ...step.keepNetworks.length === 0 ? [] : [['goes on', [...step.keepNetworks, ...step.keepWorkloads].join(', ')]] as [string, string][],
    ...broken.length === 0 ? [] : [['would break', broken.join(', ')]] as [string, string][],
  ]);
}

/** Exactly one token, by its public id where it has one. */
function nameOf({ target: { handle, token, tokenKind } }: Proposal): string {
  return `${handle ?? token} (${tokenKind})`;
}

function factLines({ effect, delay, undo, rights }: ActionFacts): [string, string][] {
  return [['effect', effect], ['delay', delay], ['undo', undo ?? 'cannot be taken back'], ['rights', rights]];
}

/** Who was seen to use a token, as a table for people. */
export function dependentLines(dependents: readonly Dependent[]): string[] {
  if (dependents.length === 0) return ['  nobody was seen to use it'];
  const rows = dependents.map(({ name, networks, resources, callsPerDay, lastSeenMs, suspect }) => [
    name, suspect ? 'suspect' : 'user', String(callsPerDay), new Date(lastSeenMs).toISOString().slice(0, 16).replace('T', ' '),
    networks.join(', '), resources.join(', '),
  ]);
  return table(['seen', '', 'calls a day', 'last', 'from', 'resources'], rows).split('\n').map((line) => `  ${line}`);
}

function unplanned(alert: Alert, fingerprint: string, known: Known): string[] {
  const token = known.correlator.token(fingerprint);
  const title = `Token ${token?.handle ?? fingerprint}`;
  if (token === null) return [title, '  nobody vouched for it, so nothing is known of it and nothing is proposed', ''];
  if (alert.status === 'closed') return [title, '  the alert is closed', ''];
  if (token.expiresAtMs !== null && token.expiresAtMs <= alert.endMs) return [title, '  it has expired', ''];
  const rules = pairs(passedOver(alert, token.fingerprint, known, known.configuration.policy.length));
  return [title, ...rules, '  no rule says what is to be done, or its plan is empty', ''];
}

/** For their facts; nothing is called. A sentence where a key or a secret cannot be read here. */
function openFacts({ store, configuration }: Known): Actions | string {
  const { actions, sealTokens } = configuration.respond;
  try {
    const opened = openActions(actions, { denials: store.effects.denials, openToken: sealTokens === null ? null : () => null }).actions;
    return new Map([...opened, [watchName, watchAction(() => [])]]);
  } catch (error) {
    return `not known here: ${(error as Error).message}`;
  }
}

function pairs(lines: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

