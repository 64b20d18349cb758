import { expect, test } from 'vitest';
import { endRequests, replaceMap, runningRequests, workersBehind } from '../../../src/respond/gateway-agent/haproxy-runtime.ts';

/** A runtime socket that answers by a table of beginnings, and keeps what it was told. */
function socket(answers: Readonly<Record<string, string | readonly string[]>>): { readonly said: string[]; say(command: string): Promise<string> } {
  const said: string[] = [];
  const turns = new Map<string, number>();
  return {
    said,
    say(command) {
      said.push(command);
      const key = Object.keys(answers).find((one) => command.startsWith(one));
      const answer = key === undefined ? '\n' : answers[key]!;
      if (typeof answer === 'string') return Promise.resolve(answer);
      const turn = turns.get(key!) ?? 0;
      turns.set(key!, turn + 1);
      return Promise.resolve(answer[Math.min(turn, answer.length - 1)]!);
    },
  };
}

const head = '# table: tokenward_running, type: string, size:102400, used:2\n';
const detail = (id: number): string => `0x55f: [22/Nov/2026:15:34:32.641445] id=${id} proto=tcpv4 source=10.0.0.1:4000\n`;

test('a map is replaced as a whole, in parts that fit into a buffer', async () => {
  const { said, say } = socket({ 'prepare map': 'New version created: 7\n' });
  const lines = Array.from({ length: 200 }, (_, place) => `jti/https://login.example/${'a'.repeat(60)}-${place} deny`);
  await replaceMap(say, '/maps/tokens.map', lines);
  expect(said.map((command) => command.split('\n')[0])).toEqual([
    'prepare map /maps/tokens.map', 'add map @7 /maps/tokens.map <<', 'add map @7 /maps/tokens.map <<', 'add map @7 /maps/tokens.map <<', 'commit map @7 /maps/tokens.map',
  ]);
  expect(said.every((command) => command.length < 9000)).toBe(true);
  expect(said.slice(1, -1).flatMap((command) => command.trimEnd().split('\n').slice(1))).toEqual(lines);
});

test.each([
  ['the map is not loaded', { 'prepare map': 'Unknown map identifier. Please use #<id> or <name>.\n' }, 'map_not_loaded'],
  ['the socket may not do it', { 'prepare map': 'Permission denied\n' }, 'socket_level'],
  ['a line is refused', { 'prepare map': 'New version created: 7\n', 'add map': 'Cannot add\n' }, 'command_refused'],
])('%s: the reason is a fixed word', async (_, answers, reason) => {
  await expect(replaceMap(socket(answers).say, '/maps/tokens.map', ['a deny'])).rejects.toMatchObject({ reason });
});

test('requests that are being answered are told with connection, caller and key; the socket\'s escapes are undone', async () => {
  const { say } = socket({
    'show table': `${head}0x5: key=31/10.0.0.1:4000/192.0.2.7/jti/https://login.example/a\\=b use=1 exp=0 conn_cur=1
0x6: key=32/2001:db8::1:4001/2001:db8::1/jti//c use=1 exp=12 shard=0 conn_cur=1\n0x7: key=odd use=1 exp=1 conn_cur=1\n`,
  });
  expect(await runningRequests(say)).toEqual([
    { number: 31, connection: '10.0.0.1:4000', source: '192.0.2.7', key: 'jti/https://login.example/a=b' },
    { number: 32, connection: '2001:db8::1:4001', source: '2001:db8::1', key: 'jti//c' },
  ]);
  await expect(runningRequests(socket({ 'show table': 'No such table\n' }).say)).rejects.toMatchObject({ reason: 'no_table_of_running_requests' });
});

test('of the requests of one connection only the one of that number is ended, and none where its place is another\'s by now', async () => {
  const sessions = '0x55f: proto=tcpv4 src=10.0.0.1:4000 fe=gateway\n0x66f: proto=tcpv4 src=10.0.0.1:4000 fe=gateway\n0x77f: proto=tcpv4 src=10.0.0.1:40001 fe=gateway\n';
  const { said, say } = socket({ 'show sess 0x55f': detail(30), 'show sess 0x66f': detail(31), 'show sess': sessions });
  const request = { number: 31, connection: '10.0.0.1:4000', source: '10.0.0.1', key: 'jti//a' };
  expect(await endRequests(say, [request])).toBe(1);
  expect(said.filter((command) => command.startsWith('shutdown'))).toEqual(['shutdown session 0x66f']);
  expect(await endRequests(say, [{ ...request, number: 99 }])).toBe(0);
  expect(said.filter((command) => command.startsWith('shutdown'))).toHaveLength(1);
});

test('through a master every worker is told by its process id, the old ones too', async () => {
  const processes = '#<PID> <type> <reloads> <uptime> <version>\n100 master 2 0d00h01m 2.6\n# workers\n112 worker 0 0d00h00m 2.6\n# old workers\n105 worker 1 0d00h01m 2.6\n';
  const { said, say } = socket({ 'show proc': processes });
  for (const worker of await workersBehind(say)) await worker('show info');
  expect(said).toEqual(['show proc', '@!112 show info', '@!105 show info']);
  await expect(workersBehind(socket({ 'show proc': 'x\n' }).say)).rejects.toMatchObject({ reason: 'no_worker' });
});
