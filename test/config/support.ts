import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration, type Configuration } from '../../src/config/configuration.ts';
import { ConfigurationError } from '../../src/config/problem.ts';

type Known = Parameters<typeof loadConfiguration>[0]['detectors'];

/** A configuration file of its own, and what reading it gives: the configuration, else its problems, in which the file is called `f`. */
export function configurationFile(detectors: Known): { readonly file: string; load(text: string): Configuration; problems(text: string): string[] } {
  const file = join(mkdtempSync(join(tmpdir(), 'tokenward-configuration-')), 'f.yaml');
  const load = (text: string): Configuration => {
    writeFileSync(file, text);
    return loadConfiguration({ file, environment: {}, detectors });
  };
  const problems = (text: string): string[] => {
    try {
      load(text);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message.split('\n').map((line) => line.replace(file, 'f'));
      throw error;
    }
    return [];
  };
  return { file, load, problems };
}
