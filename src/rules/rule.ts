import type { DetectionRule, RuleFault } from '../config/rule-files.ts';
import type { AttackTechnique, Context, Detector } from '../model/detector.ts';
import { emptyEvent, type TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import { hashText } from '../stats/hash.ts';
import { compileExpression, type Compiled, type Memory } from './compile.ts';
import { accept, learn, recordLayout, remember } from './memory.ts';
import { compileMessage, compileText } from './message.ts';
import { ExpressionError, type Frame, type RuleRecord } from './term.ts';

/** A rule takes 1 ms for an event at most; steps are counted at half of that, because machines differ. */
export const maxSteps = 50_000;
const slowMicroseconds = 250;
const defaultLearnMs = 7 * 86_400_000;
/** What an operator says is odd weighs as much as what a detector finds of that severity. */
const bitsOfSeverity = { 21: 6, 47: 10, 73: 16, 99: 20 } as const;

/** A rule whose expressions are understood. */
interface CompiledRule {
  readonly rule: DetectionRule;
  readonly where: Compiled | null;
  readonly match: Compiled;
  readonly message: (frame: Frame) => string;
  readonly dedup: ((frame: Frame) => string) | null;
  readonly learnMs: number;
  readonly isRemembering: boolean;
}

/** Everything that is wrong with a rule's expressions, or how it would be too slow. */
export function checkRule(rule: DetectionRule, knowsTechnique: (technique: AttackTechnique) => boolean): RuleFault[] {
  const faults: RuleFault[] = [];
  const attempt = <T>(path: string, make: () => T): T | null => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      faults.push({ path: [path], offset: error.offset, message: error.message, hint: error.hint });
      return null;
    }
  };
  const where = rule.where === null ? null : attempt('where', () => condition(rule.where as string));
  if (where !== null && isMore(where)) faults.push(fault('where', '"where" sees the event alone', 'put what is remembered into "match"'));
  const match = attempt('match', () => condition(rule.match));
  attempt('message', () => compileMessage(rule.message));
  if (rule.dedup !== null) attempt('dedup', () => compileText(rule.dedup as string));
  const steps = (where?.term.steps ?? 0) + (match?.term.steps ?? 0);
  if (steps > maxSteps) {
    faults.push(fault('match', `takes up to ${steps} steps, ${maxSteps} are allowed`, 'large patterns and exists or all over lists cost most'));
  }
  rule.attack.forEach((technique, place) => {
    const unknown = fault('attack', `ATT&CK ${technique.tactic}/${technique.technique} is not known here`, null);
    if (!knowsTechnique(technique)) faults.push({ ...unknown, path: ['attack', place] });
  });
  return faults;
}

function fault(path: string, message: string, hint: string | null): RuleFault {
  return { path: [path], offset: null, message, hint };
}

/** Throws `ExpressionError` for what is not true or false. */
function condition(text: string): Compiled {
  const compiled = compileExpression(text);
  if (compiled.term.type !== 'bool') throw new ExpressionError('must be true or false', 0, 'compare it with something');
  return compiled;
}

function isMore({ memories, sources }: Compiled): boolean {
  return memories.length > 0 || sources.has('context') || sources.has('record');
}

/** How long a checked rule takes for an event at most, as `maxSteps` counts it: measured it is less than half of that. */
export function longestMicroseconds(rule: DetectionRule): number {
  const steps = condition(rule.match).term.steps + (rule.where === null ? 0 : condition(rule.where).term.steps);
  return Math.ceil(steps * 1000 / maxSteps);
}

/** It may take more than a quarter of what a rule is allowed to. */
export function isSlow(rule: DetectionRule): boolean {
  return longestMicroseconds(rule) > slowMicroseconds;
}

/** A checked rule as a detector like any other. */
export function ruleDetector(rule: DetectionRule): Detector {
  const compiled = compile(rule);
  const { memories } = compiled.match;
  const { scope } = rule;
  const layout = compiled.isRemembering ? recordLayout(memories, meaningOf(rule)) : null;
  const frame: Frame = { event: emptyEvent('none', 0), context: null, record: null, answers: memories.map(() => null), locals: [] };
  return {
    ...descriptionOf(rule, memories), state: layout === null ? {} : { [scope]: layout }, parameters: {},
    ...rule.unauthenticated ? { judgesUnauthenticated: 'The rule asks for it.' } : {},
    wants: (event, context) => isWanted(compiled, frame, event, context),
    observe: (event, records, _, context) => judge(compiled, turned(frame, event, context, (records as Record<string, RuleRecord | null>)[scope] ?? null)),
    accept: layout === null ? {} : { [scope]: (record: never, shadow: never) => accept(memories, record, shadow) },
  };
}

function compile(rule: DetectionRule): CompiledRule {
  const match = condition(rule.match);
  const usual = match.memories.some(({ kind }) => kind === 'firstSeen') ? defaultLearnMs : 0;
  const learnMs = rule.learnMs ?? usual;
  return {
    rule, match, learnMs, where: rule.where === null ? null : condition(rule.where), message: compileMessage(rule.message),
    dedup: rule.dedup === null ? null : compileText(rule.dedup),
    isRemembering: learnMs > 0 || match.memories.length > 0 || match.sources.has('record') || `${rule.message} ${rule.dedup}`.includes('baseline.'),
  };
}

function descriptionOf(rule: DetectionRule, memories: readonly Memory[]) {
  return {
    id: rule.id, title: rule.title, alertTitle: rule.title, attack: rule.attack, owaspNhi: rule.owaspNhi, restsOn: rule.restsOn,
    cases: ['a rule of the operator'], blindSpots: ['What its expressions leave out.'],
    grace: memories.length === 0 ? 'At once.' : 'Once it saw as much as "learn" says.',
    acceptance: 'What deviates is known 14 days after it last grew, or when the alert is closed as benign.',
  };
}

/** Another rule under the same id remembers other things. */
function meaningOf({ where, match, scope }: DetectionRule): number {
  return hashText([where ?? '', match, scope].join('\n'));
}

function turned(frame: Frame, event: TokenEvent, context: Context | null, record: RuleRecord | null): Frame {
  frame.event = event;
  frame.context = context;
  frame.record = record;
  return frame;
}

function isWanted({ rule, where }: CompiledRule, frame: Frame, event: TokenEvent, context: Context): boolean {
  if (context.silence !== null || event.authenticated === false && !rule.unauthenticated) return false;
  return where === null || where.term.run(turned(frame, event, null, null)) === true;
}

function judge(compiled: CompiledRule, frame: Frame): Finding | null {
  const { match, learnMs } = compiled;
  const { record, event } = frame;
  remember(match.memories, frame);
  const isKnown = learnMs === 0 || record !== null && record['firstSecond'] !== 0 && event.orderMs - (record['firstSecond'] as number) * 1000 >= learnMs;
  const finding = isKnown && match.term.run(frame) === true ? findingOf(compiled, frame) : null;
  if (record !== null) learn(record, event);
  return finding;
}

function findingOf({ rule, match, message, dedup }: CompiledRule, frame: Frame): Finding {
  const { event, record, answers } = frame;
  const counts = match.memories.flatMap(({ kind }, place) => (kind === 'countDistinct' ? [[`distinct${place + 1}`, answers[place] as number]] : []));
  return {
    severity: rule.severity, surpriseBits: bitsOfSeverity[rule.severity], confidence: event.authenticated === true ? 0.9 : 0.6,
    reason: message(frame), deviates: rule.deviates,
    baseline: record === null ? {} : { events: record['events'] as number, activeDays: record['activeDays'] as number },
    observed: Object.fromEntries(counts) as Record<string, number>, ...dedup === null ? {} : { dedup: dedup(frame) },
  };
}
