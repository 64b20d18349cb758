import type { KeyPath } from './document.ts';
import { unknownIds, type Complaint } from './issues.ts';
import { wrongOrder } from './plan-order.ts';
import { needsToken, stepsOf } from './respond-schema.ts';
import type { Configurable, RawConfiguration } from './schema.ts';
import { intentModes } from '../model/intent.ts';
import { didYouMean } from './suggest.ts';

type Rule = RawConfiguration['policy'][number];

/** What no schema can say of the policy: names of actions and detectors, what an action can do, limits that make sense. */
export function checkPolicy({ policy, respond }: RawConfiguration, detectors: readonly Configurable[]): Complaint[] {
  return [
    ...policy.flatMap((rule, place) => [
      ...unknownIds('detector', rule.match.detectors ?? [], detectors, ['policy', place, 'match', 'detectors']), ...wrongSteps(rule, place, respond),
    ]),
    ...wrongTellers(respond), ...reservedNames(respond), ...neverReached(policy), ...enforcement(policy, respond.caps), ...limits(respond.caps),
  ];
}

function wrongSteps(rule: Rule, place: number, respond: RawConfiguration['respond']): Complaint[] {
  const lists = [['plan', rule.plan], ['on_remint', rule.on_remint ?? []]] as const;
  return lists.flatMap(([name, plan]) => {
    const path = ['policy', place, name];
    return [
      ...plan.flatMap((_, at) => wrongStep(plan, at, [...path, at], respond)),
      ...wrongModes(plan, name === 'on_remint' && rule.mode === 'enforce' ? 'approve' : rule.mode, path), ...wrongOrder(plan, path, respond.actions),
    ];
  });
}

function wrongStep(plan: Rule['plan'], at: number, path: KeyPath, { actions, seal_tokens: seal, tell }: RawConfiguration['respond']): Complaint[] {
  const step = plan[at]!;
  const repeated = plan.findIndex((other) => other.do === step.do && other.by === step.by && other.of === step.of) < at;
  const twice = [{ path, message: `"${step.do}" by "${step.by ?? 'itself'}" stands twice in this plan`, hint: 'each step is done once' }];
  if (step.of !== undefined && step.do !== 'deny' && step.do !== 'revoke') {
    return [{ path: [...path, 'of'], message: `"${step.do}" cannot be done to what was issued from the token`, hint: 'deny or revoke can' }];
  }
  if (step.do === 'tell' || step.do === 'watch') {
    if (step.by !== undefined) return [{ path: [...path, 'by'], message: `"${step.do}" needs no action`, hint: 'leave "by" out' }];
    if (step.do === 'tell' && tell === undefined) {
      return [{ path: [...path, 'do'], message: '"tell" needs "respond.tell"', hint: 'tell: { otherwise: NAME_OF_AN_ACTION }' }];
    }
    return repeated ? twice : [];
  }
  if (step.by === undefined) return [{ path, message: '"by" is missing', hint: 'by: the name of the action that does it' }];
  const names = actions.map(({ name }) => name);
  const action = actions.find(({ name }) => name === step.by);
  if (action === undefined) {
    const hint = names.length === 0 ? 'describe it under respond.actions' : didYouMean(step.by, names);
    return [{ path: [...path, 'by'], message: `unknown action "${step.by}"`, hint }];
  }
  const can = stepsOf(action);
  if (!can.includes(step.do)) return [{ path: [...path, 'do'], message: `"${step.by}" cannot ${step.do}`, hint: `it can: ${can.join(', ')}` }];
  if (needsToken(action) && seal?.private_key_file === undefined) {
    const hint = 'respond: { seal_tokens: { public_key_file: seal.pub, private_key_file: seal.key } }';
    return [{ path: [...path, 'by'], message: `"${step.by}" has to show the token itself, which is not kept`, hint }];
  }
  return repeated ? twice : [];
}

/** What goes by itself behind what waits for a person waits as well, and would look as if it did not. */
function wrongModes(plan: Rule['plan'], ofRule: Rule['mode'], path: KeyPath): Complaint[] {
  const modes = plan.map(({ mode = ofRule }) => mode);
  return plan.flatMap((step, at): Complaint[] => {
    if (intentModes.indexOf(modes[at]!) > intentModes.indexOf(ofRule)) {
      return [{ path: [...path, at, 'mode'], message: `"${modes[at]}" is more than the "${ofRule}" of its rule`, hint: 'a step can only ask for less' }];
    }
    const waiting = plan.findIndex((_, earlier) => earlier < at && modes[earlier] === 'approve');
    if (modes[at] !== 'enforce' || waiting === -1) return [];
    const message = `"${step.do}" goes by itself, but only after "${plan[waiting]!.do}", which waits for a person`;
    return [{ path: [...path, at], message, hint: 'put it first, or let it wait as well: mode: approve' }];
  });
}

/** What steps without "by" are done by. */
function reservedNames({ actions }: RawConfiguration['respond']): Complaint[] {
  return actions.flatMap(({ name }, place) => (name === 'watch'
    ? [{ path: ['respond', 'actions', place, 'name'], message: '"watch" is built in', hint: 'take another name' }]
    : []));
}

/** Whom nobody can tell would look like somebody told. */
function wrongTellers({ tell, actions }: RawConfiguration['respond']): Complaint[] {
  if (tell === undefined) return [];
  const tellers = actions.filter((action) => stepsOf(action).includes('notify')).map(({ name }) => name);
  const named = (['owners', 'teams', 'environments'] as const)
    .flatMap((list) => Object.entries(tell[list]).map(([key, name]) => [[list, key], name] as const));
  const otherwise = 'such as a webhook with does: [notify]';
  return [...named, [['otherwise'], tell.otherwise] as const].flatMap(([path, name]) => (tellers.includes(name)
    ? []
    : [{ path: ['respond', 'tell', ...path], message: `no action "${name}" can notify`, hint: didYouMean(name, tellers) ?? otherwise }]));
}

/** A rule behind one that takes every alert would look like a protection that is not there. */
function neverReached(policy: readonly Rule[]): Complaint[] {
  const catchAll = policy.findIndex(({ match }) => Object.keys(match).length === 0);
  if (catchAll === -1 || catchAll === policy.length - 1) return [];
  const hint = 'the first rule that matches wins: put it last';
  return [{ path: ['policy', catchAll], message: `"${policy[catchAll]!.name}" matches every alert, so no later rule is reached`, hint }];
}

/** Whoever lets it act by itself says how often. */
function enforcement(policy: readonly Rule[], caps: RawConfiguration['respond']['caps']): Complaint[] {
  const place = policy.findIndex(({ mode, plan }) => mode === 'enforce' && plan.length > 0);
  if (place === -1) return [];
  const path = ['policy', place, 'mode'];
  const message = `"${policy[place]!.name}" enforces`;
  if (caps === undefined) return [{ path, message: `${message}, which needs "respond.caps"`, hint: 'caps: { per_minute: 10, per_hour: 50, per_day: 20 }' }];
  const none = caps.per_minute === 0 || caps.per_hour === 0 || caps.per_day === 0 && caps.share_of_tokens === 0;
  return none ? [{ path, message: `${message}, but "respond.caps" lets nothing through`, hint: 'raise them, or take mode: approve' }] : [];
}

function limits(caps: RawConfiguration['respond']['caps']): Complaint[] {
  if (caps === undefined || caps.per_minute <= caps.per_hour) return [];
  const message = `${caps.per_minute} in a minute are more than ${caps.per_hour} in an hour`;
  return [{ path: ['respond', 'caps', 'per_minute'], message, hint: null }];
}
