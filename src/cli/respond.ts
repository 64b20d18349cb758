import { join } from 'node:path';
import type { Command } from 'commander';
import type { Intent, IntentState } from '../model/intent.ts';
import type { IntentAnswer } from '../server/api/shapes.ts';
import { askService } from './ask.ts';
import { KillSwitch } from '../respond/kill-switch.ts';
import { loadSettings, withStore } from './settings.ts';
import { showPlan } from './respond-plan.ts';
import { approveAll, enforce, showReadiness, type StageOptions } from './respond-stages.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface Options extends StageOptions { readonly reason?: string; readonly all?: true }

const open: readonly IntentState[] = ['proposed', 'waiting_approval', 'ready', 'stale', 'sending', 'accepted', 'unknown', 'failed'];

const refusals: Readonly<Record<string, string>> = {
  unknown_intent: 'there is no intent of this id: see "tokenward respond list"', unknown: 'there is no intent of this id: see "tokenward respond list"',
  not_waiting: 'it does not wait for this: see "tokenward respond list"',
  own_proposal: 'you proposed or changed it: another person has to approve it',
  already_approved: 'you have approved it already: a second person is needed',
  changed: 'it has changed since: look at it again', refused: 'it must not be done: see the reason in "tokenward respond list"',
  nothing_to_undo: 'nothing was done that could be taken back', cannot_be_undone: 'this cannot be taken back',
  bad_request: 'say why with --reason TEXT, in up to 500 characters', unavailable: 'it cannot be written down, so it is not done',
  role: 'your account\'s role may not do this: to approve, reject, undo and stop takes a responder, to go on an admin',
  unknown_alert: 'there is no alert of this id',
  already_claimed: 'you have said so already', too_many_claims: 'ten people have said so already',
};

/** So many users are named in a list; `--json` names all. */
const shownUsers = 3;

const acts: Readonly<Record<string, string>> = { approve: 'approved', reject: 'rejected', undo: 'is taken back' };

const known = ['list', 'plan', 'claim', ...Object.keys(acts), 'stop', 'go-on', 'readiness', 'enforce', 'approve-all'];

export function register(program: Command): void {
  program.command('respond')
    .description('what is to be done about alerts: list it, show an alert\'s plan, approve, reject or undo it, stop everything')
    .argument('[what]', known.join(', '), 'list')
    .argument('[id]', 'of the intent; for plan and claim of the alert; for enforce the name of a rule, for approve-all the incident')
    .option('-c, --config <file>', 'configuration file of the service (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'for list, plan and readiness: the data folder, where the configuration does not name it')
    .option('--all', 'for list: also what is over')
    .option('--json', 'for list, plan, readiness and enforce: one JSON object a line')
    .option('--days <days>', 'for readiness: so long without one wrong proposal (default: 14)')
    .option('--reason <text>', 'for stop, go-on and claim: why, in your words; it is kept')
    .option('--seen <digest>', 'for approve-all: what was shown to you, as it said without this')
    .option('--withdraw', 'for enforce: takes back what was agreed to; one person is enough')
    .option('--token-file <file>', 'file that holds your token')
    .action(async (what: string, id: string | undefined, options: Options) => {
      if (what === 'list') await list(options);
      else if (what === 'plan') await showPlan(needed(id, 'which alert is it about?'), options);
      else if (what === 'readiness') await showReadiness(options);
      else if (what === 'approve-all') await approveAll(needed(id, 'which incident is it about?'), options);
      else if (what === 'enforce') await enforce(id, options);
      else if (what === 'claim') await claim(needed(id, 'which alert was it?'), options);
      else if (what in acts) await act(what, id, options);
      else if (what === 'stop' || what === 'go-on') await setKillSwitch(what === 'stop', options);
      else throw new UsageError(`respond knows ${known.join(', ')}, not ${what}`);
    });
}

function needed(id: string | undefined, question: string): string {
  if (id === undefined) throw new UsageError(question, 'give its id, or the first characters of it');
  return id;
}

function list(options: Options): Promise<void> {
  return withStore(options, ({ effects, dir }) => {
    const intents = effects.responses.intents(options.all ? {} : { states: open });
    const text = options.json ? intents.map((intent) => JSON.stringify(intent)).join('\n') : shown(intents);
    if (text !== '') process.stdout.write(`${text}\n`);
    if (options.json || killSwitchOf(options, dir).state() === null) return;
    process.stderr.write('the kill switch is on: nothing is done, until "tokenward respond go-on"\n');
  });
}

/** As the service looks at it, as far as a configuration is at hand. */
function killSwitchOf({ config }: Options, dir: string): KillSwitch {
  return new KillSwitch(loadSettings(config).respond.killSwitchFile ?? join(dir, 'kill-switch'));
}

/** The most severe first, each plan in its order. */
function inOrder(intents: readonly Intent[]): readonly Intent[] {
  const severities = new Map<string, number>();
  for (const { planId, severity } of intents) severities.set(planId, Math.max(severity, severities.get(planId) ?? 0));
  return intents.toSorted((left, right) => severities.get(right.planId)! - severities.get(left.planId)!
    || (left.planId < right.planId ? -1 : left.planId > right.planId ? 1 : left.step - right.step));
}

function shown(intents: readonly Intent[]): string {
  if (intents.length === 0) return 'Nothing is to be done.';
  return table(['intent', 'state', 'why', 'approvals', 'step', 'by', 'mode', 'token', 'identity'], inOrder(intents).map((intent) => [
    intent.id, intent.undoing ? `${intent.state} (undo)` : intent.state, whyOf(intent), approvalsOf(intent), `${intent.step + 1} ${intent.kind}`,
    intent.action, intent.mode, intent.target.handle ?? intent.target.token, intent.target.identityName ?? intent.target.identityId ?? '',
  ]));
}

/** Of a rotation also who was not seen on the new credential yet. */
function whyOf({ why, handover, state }: Intent): string {
  const left = handover?.phase === 'waiting' && state !== 'undone' ? handover.waitingFor : [];
  const more = left.length > shownUsers ? ` and ${left.length - shownUsers} more` : '';
  return `${why ?? ''}${left.length === 0 ? '' : `: ${left.slice(0, shownUsers).join(', ')}${more}`}`;
}

function approvalsOf({ approvals, approvalsNeeded }: Intent): string {
  return approvalsNeeded === 0 ? '' : `${approvals.length} of ${approvalsNeeded}`;
}

async function act(what: string, id: string | undefined, options: Options): Promise<void> {
  if (id === undefined) throw new UsageError(`which intent is to be ${what === 'undo' ? 'taken back' : acts[what]}?`, '"tokenward respond list" shows them');
  const { intent } = await askService<Partial<IntentAnswer>>(options, `/api/intents/${encodeURIComponent(id)}/${what}`, refusals, {});
  const isProposed = what === 'undo' && intent?.state === 'waiting_approval';
  process.stderr.write(`${id}: ${isProposed ? 'taking it back is proposed: another person confirms it by the same command' : acts[what]}\n`);
}

/** "It was me": evidence for those who decide, and no decision. */
async function claim(id: string, options: Options): Promise<void> {
  if (options.reason === undefined) throw new UsageError('say what you did with --reason TEXT', 'it stands beside the alert with your name');
  await askService(options, `/api/alerts/${encodeURIComponent(id)}/claim`, refusals, { text: options.reason });
  process.stderr.write(`${id}: noted; it closes nothing and stops nothing\n`);
}

async function setKillSwitch(on: boolean, options: Options): Promise<void> {
  const { reason } = options;
  if (reason === undefined) throw new UsageError('say why with --reason TEXT', 'it is kept with the decision');
  await askService(options, '/api/kill-switch', refusals, { on, reason });
  process.stderr.write(on ? 'nothing is done any more, until "tokenward respond go-on"\n' : 'what is to be done is done again\n');
}
