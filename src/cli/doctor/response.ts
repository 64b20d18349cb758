import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import type { ActionSection } from '../../config/respond-schema.ts';
import { openActions } from '../../respond/actions/index.ts';
import { verifyEnd } from '../../respond/audit-chain.ts';
import { readHead } from '../../respond/audit-head.ts';
import { coveredUpTo, lastCheckpoint, readVerifier } from '../../respond/checkpoints.ts';
import { readSigner } from '../../respond/deny-list/document.ts';
import { KillSwitch } from '../../respond/kill-switch.ts';
import { openStore, type Store } from '../../store/open.ts';
import { bad, ok, span, warn, type Finding } from './finding.ts';

const secretKey = /(?:secret|key|token|password|authorization)_file$/;

/** Could what is configured be done, and is what was done still on record? No provider is asked, nothing is done. */
export async function checkResponse({ respond }: Configuration, dir: string, nowMs: number): Promise<Finding[]> {
  const actions = await checkActions(respond.actions);
  if (!existsSync(join(dir, 'effects.db'))) return actions;
  const findings = [...actions, ...checkSwitch(respond.killSwitchFile ?? join(dir, 'kill-switch'))];
  let store: Store;
  try {
    store = openStore(dir, { readOnly: true });
  } catch {
    // What is wrong with the folder is told elsewhere.
    return findings;
  }
  try {
    return [
      ...findings, ...checkGateways(respond.actions, store), checkAudit(store, dir), ...checkCheckpoints(store, respond.auditCheckpoints, nowMs),
    ];
  } finally {
    await store.close();
  }
}

async function checkActions(sections: readonly ActionSection[]): Promise<Finding[]> {
  const store = openStore(null);
  try {
    return sections.flatMap((section) => {
      const subject = `action ${section.name}`;
      try {
        openActions([section], { denials: store.effects.denials, openToken: () => null });
      } catch (error) {
        return [bad(subject, error instanceof Error ? error.message : 'cannot be used', 'without it "run" does not start')];
      }
      const shared = secretsOf(section).filter(isShared);
      if (shared.length === 0) return [ok(subject, 'its settings, keys and secrets can be used; nobody was asked')];
      return shared.map((file) => warn(subject, `${file} can be read by others on this machine`, `chmod 600 ${file}`));
    });
  } finally {
    await store.close();
  }
}

/** Files that hold what nobody else may have. Those of gateways hold hashes. */
function secretsOf(section: ActionSection): string[] {
  return Object.entries(section).flatMap(([key, value]) => (secretKey.test(key) && typeof value === 'string' ? [value] : []));
}

function isShared(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o007) !== 0;
}

function checkSwitch(file: string): Finding[] {
  const stopped = new KillSwitch(file).state();
  if (stopped === null) return [];
  if (stopped.why === 'unreadable') return [bad('kill switch', `${file} cannot be read: nothing is done`, 'make it readable, or take it away')];
  return [warn('kill switch', `is on (${file}): nothing is done`, '"tokenward respond go-on", once the reason is gone')];
}

/** Whether each gateway has said that it has its list as it is. */
function checkGateways(sections: readonly ActionSection[], { effects: { denials } }: Store): Finding[] {
  return sections.flatMap((section) => {
    if (section.type !== 'deny_list') return [];
    const { number } = denials.state(section.name);
    const holders = denials.holders(section.name);
    return section.gateways.map(({ name }) => {
      const [subject, held] = [`gateway ${name} of ${section.name}`, holders.get(name)];
      const advice = 'see the log of its agent: what is denied since is not known to be refused there';
      if (held === undefined) return warn(subject, 'has never said that it has the list', advice);
      if (held === number) return ok(subject, `has the list as it is, ${number}`);
      return warn(subject, `has the list of number ${held}, and it is ${number} by now`, advice);
    });
  });
}

function checkAudit({ effects }: Store, dir: string): Finding {
  const count = effects.responses.auditHead()?.number ?? 0;
  if (verifyEnd(effects.responses, readHead(dir, effects))) return ok('audit', `${count} entries; the newest is the one that is known beside the store`);
  return bad('audit', 'the newest entry is not the one that is known beside the store: nothing is done', 'see "tokenward audit verify"');
}

function checkCheckpoints({ effects }: Store, settings: Configuration['respond']['auditCheckpoints'], nowMs: number): Finding[] {
  if (settings === null) return [];
  const subject = 'audit checkpoints';
  const { keyFile, file } = settings;
  try {
    readSigner(keyFile);
  } catch (error) {
    return [bad(subject, (error as Error).message, 'without it "run" does not start')];
  }
  try {
    const last = lastCheckpoint(file, readVerifier(keyFile));
    const isKept = verifyEnd(effects.responses, last);
    if (last !== null && !isKept) return [bad(subject, `entry ${last.number} is not what was signed: nothing is done`, 'see "tokenward audit verify"')];
    if (last !== null) return [ok(subject, `the newest is of entry ${last.number}, ${span(nowMs - last.timeMs)} ago`)];
  } catch {
    // Not there, as good as empty.
  }
  if (coveredUpTo(effects) === 0) return [ok(subject, 'none was written yet')];
  return [warn(subject, `${file} holds none, and there were some`, 'bring the file back, or see where it is to be written')];
}
