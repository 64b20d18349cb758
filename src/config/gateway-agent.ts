import { z } from 'zod';
import { readDocument } from './configuration.ts';
import { complaints } from './issues.ts';
import type { JsonSchema } from './json-schema.ts';
import { ConfigurationError } from './problem.ts';
import { duration, file, text, yesOrNo } from './scalars.ts';

const socket = z.string().regex(/^(?:\/.+|(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5})$/).meta({ title: 'the path of a socket, or host:port' });

const haproxy = z.strictObject({
  maps: text.describe('Folder of its maps; it must exist.'),
  named: text.optional().describe('The same folder as HAProxy\'s configuration names it, where it sees it elsewhere.'),
  sockets: z.array(socket).max(16).default([]).meta({ title: 'a list of sockets such as /run/haproxy/admin.sock' })
    .describe('Runtime sockets with level admin, one for each HAProxy.'),
  master: socket.optional().describe('The master\'s socket (haproxy -S): tells all its workers, the old ones too.'),
  cut: yesOrNo.default(false).describe('Also ends the requests of denied tokens that are being answered: see docs/deny-list.md for what HAProxy needs.'),
});
const envoy = z.strictObject({
  file: text.describe('The list as a file for extension discovery, in a folder that exists.'),
  admin: text.describe('Its administration interface, such as http://127.0.0.1:9901: asked whether the list is in force.'),
});
const nginx = z.strictObject({
  maps: text.describe('Folder of its maps; it must exist.'), pid_file: text.describe('Of its master, which is told to reload. The agent must be allowed to.'),
});

const schema = z.strictObject({
  list: text.describe('URL of the deny list, such as https://tokenward.example:8080/deny-lists/edge.'),
  token_file: file.describe('Holds the token by which this gateway is known there.'),
  public_key_file: file.describe('Ed25519 public key in PEM, of the key that signs the list.'),
  keep: text.describe('The last good list is kept in this file, for a start without Tokenward.'),
  every: duration('1s', '100ms').default('1s').describe('How often the list is asked for.'),
  allow_private: yesOrNo.default(true).describe('Tokenward stands in the operator\'s own network. No: only at a public address.'),
  ca_file: file.optional().describe('PEM of the authority that signed its certificate; absent: those that the system trusts.'),
  haproxy: z.array(haproxy).max(16).default([]), envoy: z.array(envoy).max(16).default([]), nginx: z.array(nginx).max(16).default([]),
});

/** Settings of the agent beside a gateway: a file of its own, as it runs where nothing else of Tokenward does. */
export type AgentSettings = z.output<typeof schema>;

/** Reads and checks them. Throws `ConfigurationError` with every problem. */
export function loadAgentSettings(name: string): AgentSettings {
  const document = readDocument(name);
  if (document.problems.length > 0) throw new ConfigurationError(document.problems);
  const read = schema.safeParse(document.value);
  if (!read.success) {
    const found = complaints(read.error.issues, { ...z.toJSONSchema(schema, { io: 'input' }) } as JsonSchema, document.value);
    throw new ConfigurationError(found.map(({ path, key, message, hint }) => ({ ...document.place(path, key), message, hint })));
  }
  const { haproxy: first, envoy: second, nginx: third } = read.data;
  const mute = first.findIndex(({ sockets, master }) => sockets.length === 0 && master === undefined);
  if (mute >= 0) {
    // By the files alone nobody could say what is in force.
    const place = document.place(['haproxy', mute]);
    throw new ConfigurationError([{ ...place, message: '"sockets" or "master" is needed', hint: 'HAProxy reads files only when it is reloaded' }]);
  }
  if (first.length + second.length + third.length > 0) return read.data;
  throw new ConfigurationError([{ ...document.place([]), message: 'no gateway is named', hint: 'haproxy, envoy or nginx: see docs/deny-list.md' }]);
}
