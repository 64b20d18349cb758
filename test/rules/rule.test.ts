import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRules, type DetectionRule } from '../../src/config/rule-files.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { catalogueOf } from '../../src/rules/catalogue.ts';
import { checkRule, longestMicroseconds, ruleDetector } from '../../src/rules/rule.ts';
import { Harness } from '../support/detector-harness.ts';
import { makeRecord, type PlainRecord } from '../support/plain-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-rules-'));
const startMs = Date.UTC(2026, 2, 1, 8);
const minute = 60_000;
const day = 86_400_000;

function read(yaml: string): { rule: DetectionRule | undefined; problems: string[] } {
  const file = join(folder, 'rule.yaml');
  writeFileSync(file, yaml);
  const { rules, problems } = readRules([file], (rule) => checkRule(rule, ({ technique }) => technique !== 'T9999'));
  return { rule: rules[0], problems: problems.flatMap(({ where, message, hint }) => [`${where.replace(file, 'f')}: ${message}`, ...hint === null ? [] : [`  ${hint}`]]) };
}

function ruleOf(lines: string): DetectionRule {
  const { rule, problems } = read(`id: mine\ntitle: Mine\nmessage: "{identity.name} from {source.ip}"\nseverity: high\n${lines}\n`);
  expect(problems).toEqual([]);
  return rule as DetectionRule;
}

let number = 0;
function event(atMs: number, more: Partial<TokenEvent> = {}): TokenEvent {
  const base = emptyEvent('ecs', startMs + atMs);
  return {
    ...base, id: `e${++number}`, action: 'Read', outcome: 'success', authenticated: true, identityId: 'i1', identityName: 'rates', token: 't1',
    sourceIp: '198.51.100.7', networkBlock: '198.51.100.0/24', ...more,
  };
}

describe('a rule without memory', () => {
  test('finds what its expressions say, and says it in its words', () => {
    const harness = new Harness(ruleDetector(ruleOf('where: event.action == "Delete"\nmatch: source.ip.startsWith("198.51.")')));
    expect(harness.observe(event(0))).toBeNull();
    expect(harness.observe(event(1, { action: 'Delete', sourceIp: '10.0.0.1' }))).toBeNull();
    expect(harness.observe(event(2, { action: 'Delete', sourceIp: null }))).toBeNull();
    expect(harness.observe(event(3, { action: 'Delete' }))?.finding).toEqual({
      severity: 73, surpriseBits: 16, confidence: 0.9, reason: 'rates from 198.51.100.7.', baseline: {}, observed: {}, deviates: 'token',
    });
  });

  test('judges what an authenticator refused only where it asks for that', () => {
    const refused = event(0, { authenticated: false, outcome: 'failure' });
    expect(new Harness(ruleDetector(ruleOf('match: event.outcome == "failure"'))).observe(refused)).toBeNull();
    expect(new Harness(ruleDetector(ruleOf('match: event.outcome == "failure"\nunauthenticated: true'))).observe(refused)).not.toBeNull();
  });

  test('says what of a further hit is news', () => {
    const harness = new Harness(ruleDetector(ruleOf('match: event.action == "Delete"\ndedup: tokenward.resource.id')));
    expect(harness.observe(event(0, { action: 'Delete', resourceId: 'orders' }))?.finding.dedup).toBe('orders');
    expect(harness.observe(event(1, { action: 'Delete' }))?.finding.dedup).toBe('unknown');
  });

  test('asks what became of the token', () => {
    const fate = { tokenIssuedMs: startMs - 400 * day, fate: 16 };
    const harness = (match: string) => new Harness(ruleDetector(ruleOf(`match: ${match}`)), {}, { outages: [], issued: new Map(), more: fate });
    expect(harness('token.is_leaked && token.age > duration("365d")').observe(event(0))).not.toBeNull();
    expect(harness('token.is_revoked || token.age < duration("1d")').observe(event(0))).toBeNull();
    expect(harness('token.silence > duration("0")').observe(event(0))).toBeNull();
  });
});

describe('firstSeen', () => {
  const rule = ruleOf('match: firstSeen(source.ip, event.action)\nlearn: 2d');

  test('is quiet until it has learned, then tells what is new, and does not learn that', () => {
    const harness = new Harness(ruleDetector(rule));
    expect(harness.observe(event(0))).toBeNull();
    expect(harness.observe(event(day, { sourceIp: '203.0.113.1' }))).toBeNull();
    expect(harness.observe(event(3 * day))).toBeNull();
    expect(harness.observe(event(3 * day, { sourceIp: '203.0.113.9', token: 't2' }))).not.toBeNull();
    expect(harness.observe(event(4 * day, { sourceIp: '203.0.113.9', token: 't3' }))).not.toBeNull();
    expect(harness.observe(event(4 * day, { sourceIp: '203.0.113.1' }))).toBeNull();
  });

  test('learns for a week where nothing is said', () => {
    const harness = new Harness(ruleDetector(ruleOf('match: firstSeen(source.ip)')));
    harness.observe(event(0));
    expect(harness.observe(event(6 * day, { sourceIp: '203.0.113.1' }))).toBeNull();
    expect(harness.observe(event(8 * day, { sourceIp: '203.0.113.2' }))).not.toBeNull();
  });

  test('knows 64 values; the one not seen for longest gives way', () => {
    const harness = new Harness(ruleDetector(ruleOf('match: firstSeen(source.ip)\nlearn: 1d')));
    const at = (place: number): Partial<TokenEvent> => ({ sourceIp: `203.0.113.${place}` });
    for (let place = 0; place < 65; place++) harness.observe(event(place * minute, at(place)));
    harness.observe(event(day, at(1)));
    expect(harness.observe(event(2 * day, at(64)))).toBeNull();
    expect(harness.observe(event(2 * day, at(1)))).toBeNull();
    expect(harness.observe(event(2 * day, at(0)))).not.toBeNull();
  });
});

describe('countDistinct', () => {
  const rule = ruleOf('where: event.outcome == "failure"\nunauthenticated: true\nper: network\nmatch: countDistinct(identity.id, duration("10m")) > 3');
  const attempt = (atMs: number, who: number): TokenEvent => event(atMs, { outcome: 'failure', authenticated: false, identityId: `i${who}` });

  test('counts different values within the time, over all who share the memory', () => {
    const harness = new Harness(ruleDetector(rule));
    for (let who = 0; who < 3; who++) expect(harness.observe(attempt(who * minute, who))).toBeNull();
    expect(harness.observe(attempt(3 * minute, 1))).toBeNull();
    expect(harness.observe(attempt(4 * minute, 9))?.finding.observed).toEqual({ distinct1: 4 });
  });

  test('forgets what is older', () => {
    const harness = new Harness(ruleDetector(rule));
    for (let who = 0; who < 20; who++) expect(harness.observe(attempt(who * 4 * minute, who))).toBeNull();
  });
});

describe('baseline', () => {
  test('is what came before the event', () => {
    const harness = new Harness(ruleDetector(ruleOf(
      'match: tokenward.bytes_out > 10 * baseline.largest_bytes_out && baseline.active_days >= 3 && baseline.silence < duration("2d")',
    )));
    for (let at = 0; at < 3; at++) expect(harness.observe(event(at * day, { bytesOut: 1000 * (at + 1) }))).toBeNull();
    expect(harness.observe(event(3 * day, { bytesOut: 29_000 }))).toBeNull();
    expect(harness.observe(event(4 * day, { bytesOut: 291_000 }))?.finding.baseline).toEqual({ events: 4, activeDays: 4 });
    expect(harness.observe(event(9 * day, { bytesOut: 9e9, token: 't2' }))).toBeNull();
  });

  test('what deviated is accepted into memories that several callers share', () => {
    const detector = ruleDetector(ruleOf('match: firstSeen(source.ip) && baseline.events > 0\nper: resource\nlearn: 0'));
    const [kept, shadow] = [makeRecord(detector.state.resource!), makeRecord(detector.state.resource!)];
    const judge = (one: TokenEvent, record: PlainRecord) => detector.observe(one, { resource: record.cursor } as never, {}, {} as never);
    const other = event(day, { resourceId: 'r', sourceIp: '203.0.113.1' });
    judge(event(0, { resourceId: 'r' }), kept);
    shadow.bytes.set(kept.bytes);
    expect(judge(other, shadow)).not.toBeNull();
    detector.accept!.resource!(kept.cursor as never, shadow.cursor as never);
    expect(judge(other, kept)).toBeNull();
    expect(judge(event(2 * day, { resourceId: 'r', sourceIp: '203.0.113.2' }), kept)?.baseline).toEqual({ events: 3, activeDays: 2 });
  });
});

describe('what is wrong with a rule file', () => {
  test('is told with line, column and hint, however YAML writes it', () => {
    const yaml = `id: mine
title: x
severity: high
message: x {source.ipp} y
match: |
  source.ip == "a"
    && sorce.port == 1
where: "firstSeen(source.ip)"
attack: [TA0001/T9999]
`;
    expect(read(yaml).problems).toEqual([
      'f:8:8: "where" sees the event alone', '  put what is remembered into "match"',
      'f:7:8: Unknown variable: sorce', '  did you mean "source"?',
      'f:4:20: no such field: ipp', '  did you mean "ip"?',
      'f:9:10: ATT&CK TA0001/T9999 is not known here',
    ]);
  });

  test.each([
    ['id: Mine\ntitle: x\nseverity: high\nmessage: x\nmatch: "true"', 'f:1:5: expected lower-case letters, digits and -'],
    ['id: m\ntitle: x\nseverity: hight\nmessage: x\nmatch: "true"', 'f:3:11: expected one of low, medium, high, critical, found "hight"'],
    ['id: m\ntitle: x\nseverity: high\nmessage: x\nmatch: "true"\nwhen: x', 'f:6:1: unknown key "when"'],
    ['id: m\ntitle: x\nseverity: high\nmessage: x', 'f:1:1: "match" is missing'],
    ['id: m\ntitle: x\nseverity: high\nmessage: x\nmatch: source.port', 'f:5:8: must be true or false'],
    ['id: m\ntitle: x\nseverity: high\nmessage: "{firstSeen(source.ip)}"\nmatch: "true"', 'f:4:12: only "match" remembers'],
    ['id: m\ntitle: [', 'f:2:9: '],
  ])('%j', (yaml, expected) => expect(read(yaml).problems.join('\n')).toContain(expected));

  test('what could take longer than a millisecond is refused', () => {
    const pattern = 'user_agent.original.matches("(a|b|c|d|e|f|g)*[x-z]{40}q")';
    expect(read(`id: m\ntitle: x\nseverity: high\nmessage: x\nmatch: '${[pattern, pattern, pattern, pattern].join(' || ')}'`).problems[0]).toContain('steps, 50000 are allowed');
    const parts = Array.from({ length: 9 }, () => 's.contains("x")').join(' && ');
    expect(read(`id: m\ntitle: x\nseverity: high\nmessage: x\nmatch: 'tokenward.token.scopes.exists(s, s.contains(source.ip) && ${parts})'`).problems[0])
      .toContain('steps, 50000 are allowed');
    expect(longestMicroseconds(ruleOf(`match: '${pattern}'`))).toBeLessThanOrEqual(1000);
  });

  test('two files with one id', () => {
    const [one, other] = ['one.yaml', 'two.yaml'].map((name) => join(folder, name));
    for (const file of [one!, other!]) writeFileSync(file, 'id: same\ntitle: x\nseverity: low\nmessage: x\nmatch: "true"\n');
    expect(readRules([one!, other!, one!], () => []).problems.map(({ message }) => message)).toEqual([`"rule:same" is the id of ${one} too`]);
  });
});

test('another rule under the same id begins with another memory; a rule that is gone can still be named', () => {
  const meaning = (lines: string) => ruleDetector(ruleOf(lines)).state.actor?.meaning;
  expect(meaning('match: firstSeen(source.ip)')).toBe(meaning('match: firstSeen(source.ip)\nrests_on: origin'));
  expect(meaning('match: firstSeen(source.ip)')).not.toBe(meaning('match: firstSeen(user.id)'));
  const catalogue = catalogueOf([], [ruleOf('match: firstSeen(source.ip)')]);
  expect(catalogue.of('rule:mine').alertTitle).toBe('Mine');
  expect(catalogue.of('rule:old').alertTitle).toContain('configured no more');
  expect([catalogue.evidenceOf('rule:mine'), catalogue.evidenceOf('rule:old')]).toEqual(['workload', null]);
});

test('events with anything missing or beyond all bounds leave it within its record, twice the same', () => {
  const detector = ruleDetector(ruleOf(`unauthenticated: true
learn: 0
match: firstSeen(source.ip, tokenward.bytes_out) || countDistinct(event.action, duration("1h")) > 2 || baseline.mean_bytes_out > 5.0 || baseline.silence > duration("1h")
dedup: source.ip`));
  const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 2 });
  const patchy = fc.record({
    orderMs: fc.integer({ min: -1, max: 8_640_000_000_000_000 }), sourceIp: optional(fc.string()), action: optional(fc.string({ maxLength: 600 })),
    bytesOut: optional(fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER))), identityId: optional(fc.constantFrom('i1', 'i2')), token: optional(fc.constant('t')),
    authenticated: optional(fc.boolean()), networkBlock: optional(fc.constant('10.0.0.0/24')),
  }).map((fields): TokenEvent => ({ ...emptyEvent('ecs', fields.orderMs), ...fields }));
  fc.assert(fc.property(fc.array(patchy, { maxLength: 80 }), (events) => {
    const [one, other] = [new Harness(detector), new Harness(detector)];
    for (const each of events) expect(other.observe(each)?.finding).toEqual(one.observe(each)?.finding);
    expect(other.dump()).toBe(one.dump());
  }), { numRuns: 100 });
});
