import type { Configuration } from '../../config/configuration.ts';
import { isSlow, longestMicroseconds } from '../../rules/rule.ts';
import { ok, warn, type Finding } from './finding.ts';

/** The operator's own rules: those that take long, and those that nobody has tried. */
export function checkRules({ rules }: Configuration): Finding[] {
  const advice = 'narrow "where", shorten its patterns, or use contains, startsWith and in';
  const slow = rules.filter(isSlow).map((rule) => warn('rule', `${rule.id} takes up to ${longestMicroseconds(rule)} µs for an event`, advice));
  const untried = rules.filter(({ tests }) => tests.length === 0)
    .map(({ id, file }) => warn('rule', `${id} has no tests`, `add some under "tests" in ${file}`));
  const found = [...slow, ...untried];
  return rules.length === 0 || found.length > 0 ? found : [ok('rules', `${rules.length} of your own, with tests`)];
}
