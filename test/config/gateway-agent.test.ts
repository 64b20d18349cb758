import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAgentSettings } from '../../src/config/gateway-agent.ts';
import { ConfigurationError } from '../../src/config/problem.ts';
import { makeFolder } from '../store/support.ts';

const whole = 'list: https://tokenward.example/deny-lists/edge\ntoken_file: a\npublic_key_file: b\nkeep: c\n';

function problemsOf(text: string): readonly string[] {
  const file = join(makeFolder(), 'agent.yaml');
  writeFileSync(file, text);
  try {
    loadAgentSettings(file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ line, message }) => `${line}: ${message}`);
  }
}

test('one gateway is enough', () => {
  expect(problemsOf(`${whole}haproxy: [{ maps: /etc/haproxy/tokenward, sockets: [/run/haproxy/admin.sock, "127.0.0.1:9999", "[::1]:9999"], cut: true }]\n`)).toEqual([]);
});

test.each([
  ['no gateway', whole, ['1: no gateway is named']],
  ['a key that nobody reads', `${whole}nginx: [{ maps: x, pid_file: y, reload: nginx }]\n`, ['5: unknown key "reload"']],
  ['no socket', `${whole}haproxy: [{ maps: x, sockets: [admin.sock] }]\n`, ['5: expected the path of a socket, or host:port, found "admin.sock"']],
  ['too often', `${whole}every: 1ms\nnginx: [{ maps: x, pid_file: y }]\n`, ['5: expected a duration of at least 100ms, such as 1s, found "1ms"']],
  ['no way to say it', `${whole}haproxy: [{ maps: x, cut: true }]\n`, ['5: "sockets" or "master" is needed']], ['nobody to ask', `${whole}envoy: [{ file: x }]\n`, ['5: "admin" is missing']],
  ['no list', 'envoy: [{ file: x, admin: y }]\n', ['1: "list" is missing', '1: "token_file" is missing', '1: "public_key_file" is missing', '1: "keep" is missing']],
])('%s is told with its line', (_, text, problems) => expect(problemsOf(text)).toEqual(problems));
