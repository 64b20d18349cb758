import type { Configuration } from '../../config/configuration.ts';
import type { ActionSection } from '../../config/respond-schema.ts';
import { openActions } from '../../respond/actions/index.ts';
import { isUnnamed } from '../../respond/own-credentials.ts';
import type { Action, Granted, KnownAs } from '../../respond/port.ts';
import { tryServers } from '../../service/connect.ts';
import { openStore } from '../../store/open.ts';
import { bad, ok, span, warn, type Finding } from './finding.ts';

const patienceMs = 30_000;

/** What other machines say when they are asked: servers whether they answer, providers what our credentials may do. Nothing is changed anywhere. */
export async function checkConnections(configuration: Configuration): Promise<Finding[]> {
  const servers = (await tryServers(configuration)).map(({ what, problem }) =>
    (problem === null ? ok(what, 'answers') : bad(what, problem, 'see its address, its credential, and whether it is up')));
  return [...servers, ...await checkRights(configuration.respond.actions)];
}

async function checkRights(sections: readonly ActionSection[]): Promise<Finding[]> {
  const store = openStore(null);
  try {
    const findings: Finding[] = [];
    for (const section of sections) {
      let actions: readonly Action[];
      try {
        const onClockOff = (name: string, offsetMs: number): void => void findings.push(clockOff(name, offsetMs));
        actions = [...openActions([section], { denials: store.effects.denials, openToken: () => null, onClockOff }).actions.values()];
      } catch {
        // What is wrong with its settings is told elsewhere.
        continue;
      }
      for (const action of actions) findings.push(...await rightsOf(action), ...await namesOf(section, action));
    }
    return findings;
  } finally {
    await store.close();
  }
}

function clockOff(action: string, offsetMs: number): Finding {
  const text = `${span(Math.abs(offsetMs))} ${offsetMs < 0 ? 'ahead' : 'behind'} of that of action ${action}'s provider, which refused a call for it`;
  return bad('clock', text, 'check the time service of this machine; meanwhile calls are dated by the provider');
}

async function rightsOf({ name, rights }: Action): Promise<Finding[]> {
  const subject = `rights of action ${name}`;
  if (rights === undefined) return [];
  const found = await rights.ask(AbortSignal.timeout(patienceMs));
  const granted = found.filter((one) => one.granted === 'granted').map(({ right }) => right);
  const unasked = rights.unasked === null ? '' : `; nobody can be asked without acting: ${rights.unasked}`;
  const fine = granted.length === 0 ? [] : [ok(subject, `${granted.join(', ')}: granted${unasked}`)];
  return [...fine, ...found.flatMap(({ right, granted: how }) => (how === 'granted' ? [] : [wrong(subject, right, how)]))];
}

/** Whether misuse of what we act with would be seen: logs must have a name for it that is known to be ours. */
async function namesOf(section: ActionSection, { name, ownNames }: Action): Promise<Finding[]> {
  const subject = `own credential of action ${name}`;
  if (ownNames === undefined) return isUnnamed(section) ? [warn(subject, unwatched, 'give it to nobody else, and watch its use by hand')] : [];
  const { names, why } = await ownNames(AbortSignal.timeout(patienceMs));
  const watched = names.length === 0 ? [] : [ok(subject, `watched in logs as ${names.map((one) => one.name).join(', ')}`)];
  return why === null ? watched : [...watched, warn(subject, unwatched, remedies[why])];
}

const unwatched = 'by what name logs know it cannot be told, so its misuse is not seen';
const remedies: Readonly<Record<Exclude<KnownAs['why'], null>, string>> = {
  several: 'give it a user of its own, or name it in "account" of the action',
  not_told: 'name it in "account" of the action, or let it read what it is called: see docs/actions.md',
  refused: 'see whether the credential has ended', unreachable: 'see the address, and what stands between; a running service asks again',
};

function wrong(subject: string, right: string, granted: Exclude<Granted, 'granted'>): Finding {
  switch (granted) {
    case 'missing': return bad(subject, `${right}: missing`, 'grant it, and no more than docs/actions.md lists');
    case 'refused': return bad(subject, `${right}: our credential was refused`, 'see whether it has ended, and whether this machine\'s clock is right');
    case 'unreachable': return bad(subject, `${right}: no answer that can be read`, 'see the address, and what stands between');
    case 'doubtful': return warn(subject, `${right}: cannot be told`, 'in order where it is granted for some things only; else grant it');
  }
}
