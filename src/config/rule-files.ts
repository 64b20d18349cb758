import { globSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AttackTechnique, Evidence, KeyScope } from '../model/detector.ts';
import { parseConfiguration, type ConfigurationDocument, type KeyPath, type Place } from './document.ts';
import { complaints, type Complaint } from './issues.ts';
import { severities } from './policy-schema.ts';
import type { Problem } from './problem.ts';
import { placeInText } from './rule-places.ts';
import { text, yesOrNo } from './scalars.ts';
import type { JsonSchema } from './json-schema.ts';
import { durationMs, durationPattern } from './units.ts';

const maxRules = 64;
/** What a rule remembers things of, and the scope of the records that it keeps for it. */
const scopes = {
  identity: 'actor', token: 'token', client: 'source+client', network: 'network', resource: 'resource', workload: 'workload', account: 'account',
} as const;
const evidences = ['volume', 'origin', 'lifecycle', 'workload'] as const satisfies readonly Evidence[];

const expression = z.string().min(1).max(4000).meta({ title: 'a CEL expression' });
const record = z.union([z.string(), z.record(z.string(), z.unknown())]).meta({ title: 'a log record: a map, or a text line' });

/** One rule, one file. */
const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/).meta({ title: 'lower-case letters, digits and -, beginning with a letter' })
    .describe('Alerts name the rule as rule:<id>.'),
  title: text.max(100).describe('Short name: the first line of its alerts.'),
  where: expression.optional().describe('Which events the rule is about; absent: every authenticated one. Remembers nothing.'),
  match: expression.describe('What is odd about such an event.'),
  message: text.max(500).describe('The sentence of its alerts; {source.ip} and the like stand for what the event holds.'),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  per: z.enum(['identity', 'token', 'client', 'network', 'resource', 'workload', 'account']).default('identity')
    .describe('Whose memory firstSeen, countDistinct and baseline are.'),
  learn: z.union([z.literal(0), z.string().regex(durationPattern)]).optional().meta({ title: 'a duration such as 7d, or 0' })
    .describe('Nothing is told before so much was seen of them; absent: 7d where firstSeen is used, else 0.'),
  dedup: expression.optional()
    .describe('Further hits within an alert are told of again only where this has a value that it had not; absent: where they bring a new network.'),
  deviates: z.enum(['token', 'network']).default('token').describe('What later events must share with a hit to belong to its alert, and not to be learned.'),
  unauthenticated: yesOrNo.default(false).describe('Judges also what an authenticator refused; that is no ground for acting.'),
  attack: z.array(z.string().regex(/^TA\d{4}\/T\d{4}(?:\.\d{3})?$/).meta({ title: 'tactic/technique such as TA0001/T1078.004' })).default([]),
  owasp_nhi: z.array(z.string().regex(/^NHI(?:10|[1-9])$/).meta({ title: 'NHI1 to NHI10' })).default([]),
  rests_on: z.enum(evidences).default('workload').describe('Findings are independent evidence only where this differs.'),
  tests: z.array(z.strictObject({
    name: text,
    format: text.default('auto'),
    alerts: z.int().min(0).max(1000).meta({ title: 'a number of alerts' }),
    base: z.record(z.string(), z.unknown()).default({}).meta({ title: 'a log record' })
      .describe('What every event has that does not say otherwise.'),
    events: z.array(record).min(1).max(1000).meta({ title: 'a list of log records' }),
  })).default([]).meta({ title: 'a list of tests' }),
});
type RawRule = z.output<typeof ruleSchema>;

/** What is played to a rule, and how often it must alert. */
export interface RuleTest {
  readonly name: string;
  readonly format: string;
  readonly alerts: number;
  /** What every event that is a map has, where it does not say otherwise. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly events: readonly (string | Readonly<Record<string, unknown>>)[];
}

/** An operator's rule as it was written, its expressions not yet understood. */
export interface DetectionRule {
  readonly file: string;
  /** As detectors are named: `rule:` and what the file says. */
  readonly id: string;
  readonly title: string;
  readonly where: string | null;
  readonly match: string;
  readonly message: string;
  readonly severity: 21 | 47 | 73 | 99;
  readonly scope: KeyScope;
  /** `null`: as the expression needs. */
  readonly learnMs: number | null;
  readonly dedup: string | null;
  readonly deviates: 'token' | 'network';
  readonly unauthenticated: boolean;
  readonly attack: readonly AttackTechnique[];
  readonly owaspNhi: readonly string[];
  readonly restsOn: Evidence;
  readonly tests: readonly RuleTest[];
}

/** What is wrong with a rule; `offset` counts characters into the text that stands under `path`. */
export interface RuleFault { readonly path: KeyPath; readonly offset: number | null; readonly message: string; readonly hint: string | null }
export type CheckRule = (rule: DetectionRule) => readonly RuleFault[];

export interface ReadRules { readonly rules: readonly DetectionRule[]; readonly problems: readonly Problem[] }

/** File names of patterns such as `rules/*.yaml`, in order; `null` in place of a pattern that no file matches. */
export function ruleFiles(patterns: readonly string[]): (readonly string[] | null)[] {
  return patterns.map((pattern) => {
    const found = globSync(pattern).toSorted();
    return found.length === 0 ? null : found;
  });
}

/** Reads rule files, each once. Everything that is wrong comes back as a problem with its place; nothing is thrown. */
export function readRules(files: readonly string[], check: CheckRule): ReadRules {
  const rules: DetectionRule[] = [];
  const problems: Problem[] = [];
  for (const file of new Set(files)) {
    const read = readRule(file, check);
    problems.push(...read.problems);
    if (read.rule === null) continue;
    const other = rules.find(({ id }) => id === read.rule?.id);
    if (other === undefined) rules.push(read.rule);
    else problems.push({ ...read.place(['id'], null), message: `"${read.rule.id}" is the id of ${other.file} too`, hint: 'ids must be unique' });
  }
  if (rules.length > maxRules) problems.push({ where: rules[maxRules]!.file, line: 0, column: 0, message: `more than ${maxRules} rules`, hint: null });
  return { rules, problems };
}

interface ReadRule {
  readonly rule: DetectionRule | null;
  readonly problems: readonly Problem[];
  place(path: KeyPath, offset: number | null): Place;
}

function readRule(file: string, check: CheckRule): ReadRule {
  let written: string;
  try {
    written = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch {
    const problem = { where: file, line: 0, column: 0, message: 'cannot be read as UTF-8 text', hint: null };
    return { rule: null, problems: [problem], place: () => problem };
  }
  const document = parseConfiguration(file, written);
  const place = (path: KeyPath, offset: number | null): Place => placeInText(file, written, document, path, offset);
  if (document.problems.length > 0) return { rule: null, problems: document.problems, place };
  const parsed = ruleSchema.safeParse(document.value);
  if (!parsed.success) return { rule: null, problems: shapeProblems(complaints(parsed.error.issues, jsonSchema(), document.value), document), place };
  const rule = makeRule(file, parsed.data);
  const problems = check(rule).map(({ path, offset, message, hint }) => ({ ...place(path, offset), message, hint }));
  return { rule: problems.length === 0 ? rule : null, problems, place };
}

function shapeProblems(found: readonly Complaint[], document: ConfigurationDocument): Problem[] {
  return found.map(({ path, key, message, hint }) => ({ ...document.place(path, key), message, hint }));
}

function jsonSchema(): JsonSchema {
  return { ...z.toJSONSchema(ruleSchema, { io: 'input' }) } as JsonSchema;
}

function makeRule(file: string, raw: RawRule): DetectionRule {
  return {
    file, id: `rule:${raw.id}`, title: raw.title, where: raw.where ?? null, match: raw.match, message: raw.message.trim().replace(/[^.!?]$/, '$&.'),
    severity: severities[raw.severity], scope: scopes[raw.per], learnMs: raw.learn === undefined ? null : durationMs(raw.learn),
    dedup: raw.dedup ?? null, deviates: raw.deviates, unauthenticated: raw.unauthenticated,
    attack: raw.attack.map((written) => ({ tactic: written.slice(0, 6), technique: written.slice(7) })), owaspNhi: raw.owasp_nhi,
    restsOn: raw.rests_on, tests: raw.tests,
  };
}
