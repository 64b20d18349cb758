import { statSync } from 'node:fs';
import type { Configuration } from '../../config/configuration.ts';
import { checkKeyFile } from '../../config/files.ts';
import { Intel } from '../../intel/intel.ts';
import { readCredentials } from '../../server/credentials.ts';
import { isLoopback } from '../../server/loopback.ts';
import { bad, ok, span, warn, type Finding } from './finding.ts';

const dayMs = 86_400_000;
/** Networks change hands: an older table names the wrong owner too often. */
const oldTableMs = 180 * dayMs;
const oldFeedMs = 30 * dayMs;

/** The file that keys the fingerprints. */
export function checkKey({ identity }: Configuration): Finding {
  const file = identity.fingerprintKeyFile;
  if (file === null) {
    return ok('fingerprint key', 'the one in the data folder');
  }
  const complaint = checkKeyFile(file);
  if (complaint !== null) return bad('fingerprint key', complaint.message, complaint.hint ?? 'name another file');
  const { mode } = statSync(file);
  if ((mode & 0o077) === 0 || process.platform === 'win32') return ok('fingerprint key', file);
  return warn('fingerprint key', `${file} can be used by its group`, `chmod 600 ${file}, unless that is meant`);
}

/** What names the networks of addresses, and how old it is. */
export function checkTables({ networks, intel }: Configuration, nowMs: number): Finding[] {
  let opened: Intel;
  try {
    opened = Intel.open({ networks, feeds: intel.feeds, asnFile: intel.asnMmdb, countryFile: intel.countryMmdb });
  } catch (error) {
    return [bad('address table', error instanceof Error ? error.message : 'cannot be read', 'correct or remove the file that intel names')];
  }
  const { source, builtAt } = opened.age;
  const text = `${source}, of ${builtAt.slice(0, 10)}`;
  const isOld = nowMs - Date.parse(builtAt) > oldTableMs;
  const advice = 'update Tokenward, or name fresh databases by intel.asn_mmdb and intel.country_mmdb';
  return [
    isOld ? warn('address table', `${text}: ${span(nowMs - Date.parse(builtAt))} old`, advice) : ok('address table', text),
    ...intel.feeds.map(({ file }) => checkFeed(file, nowMs - statSync(file).mtimeMs)),
  ];
}

function checkFeed(file: string, ageMs: number): Finding {
  if (ageMs <= oldFeedMs) return ok('feed', `${file}, of ${span(ageMs)} ago`);
  return warn('feed', `${file} has not changed for ${span(ageMs)}`, 'fetch it anew: addresses of this kind move every few days');
}

/** Who may reach the HTTP server, and by what. */
export function checkServer({ server, sources }: Configuration): Finding[] {
  const listens = `${server.host}:${server.port}`;
  const open = server.credentialsFile === null;
  const advice = 'set server.credentials_file, or listen on 127.0.0.1';
  const own = open && !isLoopback(server.host)
    ? bad('server', `${listens} can be reached from other machines, and nothing authenticates them`, advice)
    : ok('server', `${listens}, ${open ? 'for this machine only' : 'with a token'}`);
  const named = [
    { subject: 'server', file: server.credentialsFile },
    ...sources.map(({ name, credentialsFile }) => ({ subject: `source ${name}`, file: credentialsFile })),
  ];
  return [own, ...named.flatMap(({ subject, file }) => (file === null ? [] : checkCredentials(subject, file)))];
}

function checkCredentials(subject: string, file: string): Finding[] {
  try {
    readCredentials(file);
    return [];
  } catch (error) {
    return [bad(subject, error instanceof Error ? error.message : `${file} cannot be used`, 'without it nobody gets in')];
  }
}

/** Are there files to follow? */
export async function checkFiles(
  { sources }: Configuration, find: (paths: readonly string[]) => AsyncIterable<string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, type, paths } of sources) {
    if (type !== 'file' || paths.length === 0) continue;
    let count = 0;
    for await (const _ of find(paths)) if (++count === 1000) break;
    const subject = `source ${name}`;
    if (count > 0) findings.push(ok(subject, count === 1 ? '1 file' : `${count === 1000 ? '1000 or more' : count} files`));
    else findings.push(warn(subject, `no file is named ${paths.join(' or ')}`, 'check the paths; a file that comes later is found'));
  }
  return findings;
}
