import { enforcementHash } from '../respond/policy-hash.ts';
import { readiness, type DetectorReadiness, type ReadinessVerdict } from '../respond/readiness.ts';
import type { CoveredAnswer, EnforcementAnswer } from '../server/api/shapes.ts';
import { askService, type AskOptions } from './ask.ts';
import { loadSettings, withStore } from './settings.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

export interface StageOptions extends AskOptions {
  readonly dataDir?: string;
  readonly days?: string;
  readonly seen?: string;
  readonly withdraw?: true;
  readonly json?: true;
}

const usualDays = 14;
const maxDays = 3_650;

const verdicts: Readonly<Record<ReadinessVerdict, string>> = {
  ready: 'ready', never_proposed: 'nothing was proposed so far', wrong_proposals: 'not ready: people disagreed',
  too_early: 'not ready: watch it longer', unjudged: 'not ready: close its alerts as theft, or as what they were',
};

/** `respond readiness`: which detectors may be let act by themselves, by what people said of their proposals. */
export async function showReadiness(options: StageOptions): Promise<void> {
  const neededDays = options.days === undefined ? usualDays : Number(options.days);
  if (!Number.isInteger(neededDays) || neededDays < 1 || neededDays > maxDays) {
    throw new UsageError(`--days: "${options.days}" is no number of days`, `from 1 to ${maxDays}`);
  }
  await withStore(options, ({ effects }) => {
    const found = readiness({ alerts: [...effects.alerts()], intents: effects.responses.intents(), audit: effects.responses.audit(), neededDays });
    const text = options.json ? found.map((one) => JSON.stringify(one)).join('\n') : readinessText(found, neededDays);
    if (text !== '') process.stdout.write(`${text}\n`);
  });
}

function readinessText(found: readonly DetectorReadiness[], neededDays: number): string {
  if (found.length === 0) return 'There is no alert yet.';
  const rows = found.map(({ detector, days, proposed, right, wrong, unjudged, verdict }) => [
    detector, String(days), String(proposed), String(right), String(wrong), String(unjudged), verdicts[verdict],
  ]);
  const head = ['detector', 'days', 'proposed', 'theft', 'wrong', 'unjudged', ''];
  return `Ready is who proposed for ${neededDays} days without being wrong once.\n\n${table(head, rows)}`;
}

const refusals: Readonly<Record<string, string>> = {
  unknown_rule: 'the service has no rule of this name that enforces: reload its policy (kill -HUP) first',
  changed: 'the service has another policy than your configuration file: reload it, or look at the right file',
  not_waiting: 'it acts by itself already', already_approved: 'you have agreed already: a second person is needed', role: 'your account may not do this',
};

/**
 * `respond enforce`: rules that say so and whether they do; with a rule's name, agrees to it as the configuration file has it, or, `--withdraw`,
 * takes back what was agreed to.
 */
export async function enforce(rule: string | undefined, options: StageOptions): Promise<void> {
  if (options.withdraw === true) {
    if (rule === undefined) throw new UsageError('which rule is to act by itself no more?', 'give its name: "tokenward respond enforce" lists them');
    const words = { ...refusals, not_waiting: 'nobody has agreed to it' };
    return showEnforced(await askService<EnforcementAnswer>(options, '/api/enforcement/withdraw', words, { rule }), options);
  }
  const path = '/api/enforcement';
  const { policy, respond } = loadSettings(options.config);
  if (rule !== undefined && !policy.some(({ name, mode }) => name === rule && mode === 'enforce')) {
    throw new UsageError(`no rule of your configuration that enforces is named ${rule}`, 'see "policy" in it');
  }
  const answer = rule === undefined
    ? await askService<EnforcementAnswer>(options, path, refusals)
    : await askService<EnforcementAnswer>(options, path, refusals, { rule, seen: enforcementHash(policy, rule, respond) });
  showEnforced(answer, options);
}

function showEnforced({ rules }: EnforcementAnswer, options: StageOptions): void {
  const rows = rules.map(({ rule: name, by, isInForce }) => [name, isInForce ? 'acts by itself' : 'waits for people, as with approve', by.join(', ')]);
  if (options.json) process.stdout.write(rules.map((one) => `${JSON.stringify(one)}\n`).join(''));
  else process.stdout.write(rows.length === 0 ? 'No rule enforces.\n' : `${table(['rule', '', 'agreed'], rows)}\n`);
}

const vendorRefusals: Readonly<Record<string, string>> = {
  unknown_incident: 'there is no incident of this id', no_vendor: 'it is no breach of a third party: approve its steps one by one',
  not_waiting: 'nothing of it waits for a person', changed: 'it has changed since: look at it again',
  own_proposal: 'you proposed or changed it: another person has to approve it',
  already_approved: 'you have approved it already: a second person is needed', role: 'your account may not do this',
};

/** `respond approve-all`: one word for all credentials of a breached third party; without `--seen` shows what it would be for. */
export async function approveAll(incident: string, options: StageOptions): Promise<void> {
  const path = `/api/incidents/${encodeURIComponent(incident)}`;
  if (options.seen !== undefined) {
    await askService(options, `${path}/approve`, vendorRefusals, { seen: options.seen });
    process.stderr.write(`${incident}: approved\n`);
    return;
  }
  const { seen, intents } = await askService<CoveredAnswer>(options, `${path}/approval`, vendorRefusals);
  process.stdout.write(`${intents.join('\n')}\n`);
  process.stderr.write(`"tokenward respond list" shows them; approve all of them with --seen ${seen}\n`);
}
