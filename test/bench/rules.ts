// What rules cost: expressions near the limit over texts made to be slow, and ordinary rules over ordinary events. Run: node test/bench/rules.ts
import { performance } from 'node:perf_hooks';
import type { DetectionRule } from '../../src/config/rule-files.ts';
import type { Context } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { compileExpression } from '../../src/rules/compile.ts';
import { maxSteps, ruleDetector } from '../../src/rules/rule.ts';
import { maxListLength, maxTextLength, type Frame } from '../../src/rules/term.ts';
import { makeRecord } from '../support/plain-record.ts';

const rounds = 50;
const alphabets = ['a', 'ab', 'abc', 'axyz', 'abcdefgxyz', 'xyz1/ '];
let seed = 7;
const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
const text = (alphabet: string): string => Array.from({ length: maxTextLength }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
const long = (alphabet: string): TokenEvent => ({
  ...emptyEvent('ecs', 1.7e12), userAgent: text(alphabet), urlPath: text(alphabet), action: text(alphabet),
  scopes: Array.from({ length: maxListLength }, () => text(alphabet)),
});
const matching = (...patterns: string[]): string => patterns.map((pattern) => `!user_agent.original.matches("${pattern}")`).join(' && ');

const largest: Readonly<Record<string, string>> = {
  'repeated classes': matching('(a|b|c|d|e|f|g)*[x-z]{40}q', '(a|b|c|d|e|f|g)*[x-z]{40}', '[a-f]*[x-z]{40}a'),
  'nested stars': matching('(x?){12}x{12}$', '(a*)*b?(a*)*c$', '(a|ab|abc)*x(a|b|c){10}$'),
  'no literal to look for': matching('([a-z]+[0-9]?)*[!#]$', '(.*[ab]){8}[^a-z]', '[^x]*[xyz]+[^x]*[xyz]+$'),
  'lists of long texts': 'tokenward.token.scopes.exists(s, s.contains("zzzzzzq") || s.contains("aaaaaab") || s.contains("xyxyxyq"))',
  'list against list': 'tokenward.token.scopes.exists(s, s in tokenward.token.scopes && size(s) == 7)',
};

/** Best of many rounds for each event, because a busy machine only adds; of these the worst. */
function worstMicroseconds(expression: string): { readonly steps: number; readonly worst: number } {
  const { term } = compileExpression(expression);
  const frames = alphabets.flatMap((alphabet) => Array.from({ length: 5 }, (): Frame => ({ event: long(alphabet), context: null, record: null, answers: [], locals: [] })));
  const best = frames.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    frames.forEach((frame, place) => {
      const since = performance.now();
      term.run(frame);
      best[place] = Math.min(best[place] ?? 0, (performance.now() - since) * 1000);
    });
  }
  return { steps: term.steps, worst: Math.max(...best) };
}

const ordinary = (number: number): DetectionRule => ({
  file: '', id: `rule:r${number}`, title: 'x', where: `event.action == "Call${number}" && event.outcome == "success"`,
  match: number % 2 === 0 ? 'firstSeen(source.ip) && countDistinct(source.ip, duration("1h")) > 10' : 'tokenward.bytes_out > 1000000 || source.port < 1024',
  message: 'x.', severity: 47, scope: 'actor', learnMs: null, dedup: null, deviates: 'token', unauthenticated: false, attack: [], owaspNhi: [], restsOn: 'workload', tests: [],
});

/** Of ten rules, whose `where` each takes a tenth of the events, nanoseconds an event. */
function ordinaryNanoseconds(): number {
  const rules = Array.from({ length: 10 }, (_, number) => ruleDetector(ordinary(number))).map((detector) => {
    const layout = detector.state.actor;
    return { detector, records: Array.from({ length: 50 }, () => ({ actor: layout === undefined ? null : makeRecord(layout).cursor })) };
  });
  const context = { silence: null, fate: 0 } as unknown as Context;
  const events = Array.from({ length: 20_000 }, (_, place): TokenEvent => ({
    ...emptyEvent('ecs', 1.7e12 + place * 1000), action: `Call${place % 10}`, outcome: 'success', authenticated: true, identityId: `i${place % 50}`,
    token: 't', sourceIp: `198.51.100.${place % 7}`, networkBlock: '198.51.100.0/24', sourcePort: 4711, bytesOut: 4000,
  }));
  const times = Array.from({ length: 7 }, () => {
    const since = performance.now();
    for (const [place, event] of events.entries()) {
      for (const { detector, records } of rules) if (detector.wants?.(event, context) === true) detector.observe(event, records[place % 50] as never, {}, context);
    }
    return (performance.now() - since) * 1e6 / events.length;
  });
  return times.toSorted((a, b) => a - b)[3] ?? 0;
}

for (const [name, expression] of Object.entries(largest)) {
  const { steps, worst } = worstMicroseconds(expression);
  console.log(`${name.padEnd(24)} ${String(steps).padStart(6)} steps of ${maxSteps}, ${worst.toFixed(1).padStart(7)} µs at worst`);
}
console.log(`ten ordinary rules       ${Math.round(ordinaryNanoseconds())} ns an event (median of 7) besides finding their records`);
