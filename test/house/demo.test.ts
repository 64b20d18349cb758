import { describe, expect, test } from 'vitest';
import { makeEstate } from '../../src/cli/demo/world/estate.ts';
import { blank, filesBelow, importsOf } from '../support/source.ts';

// What finds the thefts of the demo knows nothing of them beforehand.

const demo = [...filesBelow('src/cli/demo', '.ts'), ...filesBelow('src/cli', 'demo.ts')];
const finding = ['detectors', 'src/engine', 'src/stats', 'src/correlate', 'src/respond'].flatMap((folder) => filesBelow(folder, '.ts'));

/** Units of time, answers of HTTP, powers of two and round counts mean nothing by themselves. */
const common = new Set([...[60, 120, 365, 720, 900, 1440, 3600, 86400].flatMap((unit) => [unit, unit * 1000]), 401]);
const isTelling = (value: number): boolean => value >= 100 && !common.has(value) && !Number.isInteger(Math.log2(value)) && !/^[1-9]0*$/.test(String(value));

function numbersIn(text: string): number[] {
  return [...blank(text).matchAll(/(?<![\w.$])\d[\d_]*(?:\.\d+)?(?:e\d+)?(?![\w.])/g)].map(([found]) => Number(found.replaceAll('_', '')));
}

describe('the demo and what finds its thefts', () => {
  test('import nothing of each other', () => {
    const wrong = ['detectors/', 'src/engine/', 'src/stats/', 'src/correlate/', 'src/respond/', 'src/intel/', 'src/state/'];
    expect(demo.flatMap((file) => importsOf(file).filter((target) => wrong.some((folder) => target.startsWith(folder))))).toEqual([]);
    expect(finding.flatMap((file) => importsOf(file).filter((target) => target.startsWith('src/cli/')))).toEqual([]);
    // The company knows Tokenward only as somebody who may ask it over HTTP.
    const company = demo.filter(({ path }) => path.startsWith('src/cli/demo/world/'));
    const outside = company.flatMap((file) => importsOf(file).filter((target) => target.startsWith('src/') && !target.startsWith('src/cli/demo/')));
    expect(outside).toEqual([]);
  });

  test('have no number in common that is more than a unit', () => {
    const known = new Set(finding.flatMap(({ text }) => numbersIn(text)).filter(isTelling));
    const shared = demo.flatMap(({ path, text }) => numbersIn(text).filter((value) => isTelling(value) && known.has(value)).map((value) => `${path}: ${value}`));
    expect(shared).toEqual([]);
  });

  test('what finds them names no address, client or program of the story', () => {
    const { own, sharing, thieves } = makeEstate(1, 0);
    const told = [...own, ...sharing].flatMap(({ clientId, address }) => [clientId, address]);
    const words = [...told, ...thieves.flatMap(({ address, agent }) => [address, address.slice(0, address.lastIndexOf('.')), agent])];
    expect(finding.flatMap(({ path, text }) => words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`))).toEqual([]);
  });
});
