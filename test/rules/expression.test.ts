import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { compileExpression } from '../../src/rules/compile.ts';
import { ExpressionError, type Frame, type Value } from '../../src/rules/term.ts';

const event: TokenEvent = {
  ...emptyEvent('okta.system', Date.UTC(2026, 9, 21, 2, 14, 30)), id: 'e1', action: 'user.session.start', outcome: 'success', sourceIp: '198.51.100.7',
  sourcePort: 443, country: 'NL', asNumber: 64500, bytesOut: 7_000_000, userAgent: 'curl/8.5.0', scopes: ['orders.read', 'orders.write'], roles: null,
  identityId: 'okta:rates', identityKind: 'service', authenticated: true, issuedAtMs: Date.UTC(2025, 4, 21),
};

function value(expression: string, about: TokenEvent = event): Value {
  const frame: Frame = { event: about, context: null, record: null, answers: [], locals: [] };
  return compileExpression(expression).term.run(frame);
}

function fault(expression: string): ExpressionError {
  try {
    compileExpression(expression);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

describe('an expression over an event', () => {
  test.each([
    ['event.action == "user.session.start" && source.geo.country_iso_code != "DE"', true],
    ['source.as.number in [64500, 64501] || false', true],
    ['tokenward.bytes_out > 5000000 && tokenward.bytes_out / 2000000 == 3', true],
    ['"orders.write" in tokenward.token.scopes', true],
    ['tokenward.token.scopes.exists(s, s.endsWith(".write"))', true],
    ['tokenward.token.scopes.all(s, s.startsWith("orders.") && size(s) > 3)', true],
    ['user_agent.original.matches("^curl/[0-9.]+$")', true],
    ['user_agent.original.upperAscii().contains("CURL")', true],
    ['event.start.getHours() < 6 && event.start.getDayOfWeek() == 3', true],
    ['event.start - tokenward.token.issued_at > duration("500d")', true],
    ['event.start > timestamp("2026-10-21T02:14:00Z")', true],
    ['has(user.name)', false],
    ['!has(user.name) ? source.port - 1 == 442 : false', true],
    ['-source.port < 0 && source.port % 2 == 1', true],
    ['tokenward.token.scopes.size() == 2', true],
    ['identity.kind == "service" && event.dataset.lowerAscii() == "okta.system"', true],
  ])('%s', (expression, expected) => expect(value(expression)).toBe(expected));

  test.each([
    ['user.name == "x"', null], ['user.name != "x"', null], ['!(user.name == "x")', null],
    ['user.name == "x" || source.port == 443', true], ['source.port == 443 || user.name == "x"', true],
    ['user.name == "x" && source.port == 80', false], ['source.port == 80 && user.name == "x"', false],
    ['tokenward.token.roles.exists(r, r == "admin")', null], ['"admin" in tokenward.token.roles', null],
    ['source.port / 0 == 1', null], ['user.name == "x" ? true : true', null],
  ])('what is absent decides nothing: %s', (expression, expected) => expect(value(expression)).toBe(expected));

  test('of a long text the beginning is seen', () => {
    expect(value('size(url.path) == 512 && !url.path.endsWith("b")', { ...event, urlPath: `/${'a'.repeat(600)}b` })).toBe(true);
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['source.ipp == "x"', 7, 'no such field: ipp', 'did you mean "ip"?'],
    ['sorce.ip == "x"', 0, 'sorce', 'did you mean "source"?'],
    ['source.port == "x"', 0, '==', null],
    ['source.port +', 13, 'EOF', null],
    ['source.as == 5', 0, '', null],
    ['source.ip + "x" == "y"', 0, 'cannot be joined', 'several values'],
    ['user_agent.original.matches(source.ip)', 0, 'written out', 'matches('],
    ['user_agent.original.matches("(a")', 0, 'missing', 'RE2'],
    ['user_agent.original.matches("(?=a)b")', 0, '', 'RE2'],
    ['user_agent.original.matches("[a-z]{200}")', 0, 'too large', 'instructions'],
    ['user_agent.original.split("/").size() > 2', 0, 'no split()', 'known there'],
    ['countDistinct(source.ip, duration("x")) > 2', 25, 'written out', '36h'],
    ['countDistinct(source.ip, duration("1h")) > 64', 0, 'never true', null],
    ['tokenward.token.scopes.exists(s, firstSeen(s))', 33, 'cannot stand inside', null],
    ['int(source.port) == 5', 0, 'no int()', 'known: has'],
    ['{"a": 1}.size() > 1', 0, 'map', null],
  ])('%s', (expression, offset, message, hint) => {
    const found = fault(expression);
    expect(found.message).toContain(message);
    if (offset > 0) expect(found.offset).toBe(offset);
    if (hint !== null) expect(found.hint).toContain(hint);
  });
});

describe('compared with the CEL library itself', () => {
  const variables = { a: 'source.port', b: 'source.as.number', s: 'source.ip', t: 'event.action' };
  const library = new Environment().registerVariable('a', 'int').registerVariable('b', 'int').registerVariable('s', 'string').registerVariable('t', 'string');
  const number = fc.oneof(fc.constantFrom('a', 'b'), fc.integer({ min: -9, max: 500 }).map(String));
  const sum = fc.oneof(number, fc.tuple(number, fc.constantFrom('+', '-', '*', '/', '%'), number).map(([l, o, r]) => `(${l} ${o} ${r})`));
  const text = fc.constantFrom('s', 't', '"user.session.start"', '"198"', '"x"');
  const leaf = fc.oneof(
    fc.tuple(sum, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), sum).map((parts) => parts.join(' ')),
    fc.tuple(text, fc.constantFrom('==', '!='), text).map((parts) => parts.join(' ')),
    fc.tuple(fc.constantFrom('s', 't'), fc.constantFrom('startsWith', 'endsWith', 'contains'), text).map(([l, m, r]) => `${l}.${m}(${r})`),
    fc.tuple(sum, fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 })).map(([l, r]) => `${l} in [${r.join(', ')}]`),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small' }, leaf,
      fc.tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression')).map(([l, o, r]) => `(${l} ${o} ${r})`),
      tie('expression').map((inner) => `!(${inner})`),
      fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
    ),
  }));

  test('any expression has the same value, and none where the library fails', () => {
    fc.assert(fc.property(expression, (generated) => {
      const ours = value(generated.replace(/(?<!["\w.])([abst])(?![\w"])/g, (_, name: keyof typeof variables) => variables[name]));
      let theirs: unknown = null;
      try {
        theirs = library.evaluate(generated, { a: 443n, b: 64500n, s: '198.51.100.7', t: 'user.session.start' });
      } catch { /* A division by zero: not known. */ }
      expect(ours).toBe(theirs);
    }), { numRuns: 500 });
  });
});
