import { glob } from 'node:fs/promises';
import type { Configuration } from '../../config/configuration.ts';
import { ConfigurationError } from '../../config/problem.ts';
import { defaultDir } from '../../store/open.ts';
import { loadSettings } from '../settings.ts';
import { checkConnections } from './connect.ts';
import { bad, ok, type Finding } from './finding.ts';
import { checkCanaries } from './canaries.ts';
import { checkFolder, newestWrite } from './folder.ts';
import { checkClock, checkNode } from './machine.ts';
import { checkResponse } from './response.ts';
import { checkRules } from './rules.ts';
import { checkFiles, checkKey, checkServer, checkTables } from './settings.ts';

/** All that can be found out without changing anything and, unless `connect` is set, without asking another machine. */
export async function examine(file: string | undefined, nowMs: number, connect = false): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  let configuration: Configuration;
  try {
    configuration = loadSettings(file);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const problems = error.problems.map(({ where, message, hint }) => bad('configuration', `${where}: ${message}`, hint ?? 'correct it'));
    return [node, checkClock(nowMs, null), ...problems];
  }
  const dir = configuration.store.dir ?? defaultDir;
  return [
    node, checkClock(nowMs, newestWrite(dir)), ok('configuration', `${configuration.file ?? 'defaults and environment'} is valid`),
    checkKey(configuration), ...await checkFolder(dir, nowMs), ...checkServer(configuration),
    ...await checkFiles(configuration, (paths) => glob([...paths])), ...checkTables(configuration, nowMs),
    ...await checkCanaries(configuration, dir, nowMs), ...checkRules(configuration), ...await checkResponse(configuration, dir, nowMs),
    ...connect ? await checkConnections(configuration) : [],
  ];
}
