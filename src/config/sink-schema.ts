import { z } from 'zod';
import { file, text, wholeNumber, yesOrNo } from './scalars.ts';
import { byteCount, bytesPattern } from './units.ts';

const filter = z.strictObject({
  severity: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('This severe at least.'),
  detectors: z.array(text).min(1).optional().meta({ title: 'a list of detectors or rules' }).describe('Only what these raised.'),
  labels: z.array(text).min(1).optional().meta({ title: 'a list of labels of the inventory' })
    .describe('Only where the token\'s line in the inventory has one of them.'),
}).optional().describe('Which alerts it gets; absent: all.');

const common = { name: text.describe('Unique name.'), filter };
const tls = { ca_file: file.optional().describe('PEM of the authority that signed the certificate; absent: those of the system.') };
const client = { cert_file: file.optional().describe('PEM of our own certificate.'), key_file: file.optional().describe('PEM of its key.') };
/** What every receiver over HTTP has. */
const receiver = { allow_private: yesOrNo.default(false).describe('The receiver stands in the operator\'s own network.'), ...tls };
const nodes = z.array(text).min(1).meta({ title: 'a list of URLs' });
const index = text.optional().describe('Alerts go to <index>-YYYY.MM; tokenward-alerts by default.');
const url = z.url({ protocol: /^https?$/ }).meta({ title: 'an http or https URL' });
const shape = z.enum(['ecs', 'ocsf']).default('ecs').describe('Elastic Common Schema, or an OCSF Detection Finding.');
const uuid = z.string().regex(/^[0-9a-fA-F-]{36}$/).meta({ title: 'a UUID' });
const size = z.string().regex(bytesPattern).refine((value) => (byteCount(value) ?? 0) >= 65_536).meta({ title: 'a size such as 100MB, 64KiB at least' });

const kibana = z.strictObject({
  url: url.optional().describe('Where "elastic setup" puts dashboards and the rule.'),
  space: z.string().regex(/^[a-z0-9_-]{1,100}$/).default('default').meta({ title: 'the id of a space' }),
  read_status: yesOrNo.default(false).describe('Statuses that people set in Kibana come back as notes of the alerts. They change nothing here.'),
});

/** What was there first, and programs of the operator's own. */
const own = [
  z.strictObject({
    ...common, type: z.literal('elasticsearch'), nodes, api_key_file: file.optional(), username: text.optional(), password_file: file.optional(), ...tls,
    ca_fingerprint: text.optional(), index,
    events: yesOrNo.default(false).describe('Every event goes to the data stream logs-tokenward.event-<namespace> as well.'),
    namespace: z.string().regex(/^[a-z0-9_.]{1,100}$/).default('default').meta({ title: 'lower-case letters, digits, _ and .' }), kibana: kibana.optional(),
  }),
  z.strictObject({ ...common, type: z.literal('kafka'), topic: text.default('tokenward.alerts') }),
  z.strictObject({ ...common, type: z.literal('webhook'), url: text, secret_file: file.describe('Signing keys, whsec_… one a line.'), ...receiver }),
  z.strictObject({ ...common, type: z.literal('stdout') }),
  z.strictObject({
    ...common, type: z.literal('file'), path: text.describe('A line of JSON for each alert.'), format: shape,
    max_size: size.default('100MB').describe('Larger, and it is put aside as <path>.1.'), keep: wholeNumber(0, 1000).default(10),
  }),
] as const;

const siems = [
  z.strictObject({
    ...common, type: z.literal('opensearch'), nodes, username: text.optional(), password_file: file.optional(), ...tls, ...client, index,
  }).describe('Needs the package @opensearch-project/opensearch.'),
  z.strictObject({
    ...common, type: z.literal('syslog'), host: text, port: wholeNumber(1, 65_535).optional().describe('6514 for tls, 514 else.'),
    protocol: z.enum(['tls', 'tcp', 'udp']).default('tls'), format: z.enum(['cef', 'leef', 'ocsf']).default('cef'),
    facility: wholeNumber(0, 23).default(13), hostname: text.optional().describe('How the receiver is to know this machine; absent: its own name.'),
    max_bytes: wholeNumber(480, 65_000).optional().describe('Longest message: 8192, by udp 2048. The receiver must take as much.'), ...receiver, ...client,
  }),
  z.strictObject({
    ...common, type: z.literal('splunk'), url, token_file: file.describe('Token of the HTTP Event Collector.'), index: text.optional(),
    source_type: text.default('tokenward:alert'), format: shape,
    acknowledge: yesOrNo.default(false).describe('Delivered is what the indexers acknowledge; the token must be set up for that.'), ...receiver,
  }),
  z.strictObject({
    ...common, type: z.literal('sentinel'), url: url.describe('Logs ingestion endpoint of the data collection rule.'),
    rule_id: z.string().regex(/^dcr-[0-9a-f]{32}$/).meta({ title: 'dcr- and 32 digits' }), stream: text.default('Custom-Tokenward_CL'),
    tenant_id: uuid, client_id: uuid, client_secret_file: file, login_url: url.default('https://login.microsoftonline.com'), ...receiver,
  }),
  z.strictObject({
    ...common, type: z.literal('google_secops'), project: text, location: z.string().regex(/^[a-z0-9-]{2,40}$/).meta({ title: 'a region such as eu' }),
    instance: uuid, credentials_file: file.describe('Key of a service account, as Google writes it.'),
    url: url.optional().describe('Absent: that of the location.'), token_url: url.default('https://oauth2.googleapis.com/token'), ...receiver,
  }),
] as const;

/** Where people are told, and where they note what they do. */
const desks = [
  z.strictObject({ ...common, type: z.literal('pagerduty'), routing_key_file: file, url: url.default('https://events.pagerduty.com'), ...receiver }),
  z.strictObject({
    ...common, type: z.literal('slack'), token_file: file.describe('Token of a bot that is in the channel.'),
    channel: z.string().regex(/^[CG][A-Z0-9]{2,30}$/).meta({ title: 'the id of a channel, such as C0123456789' }), url: url.default('https://slack.com'),
    ...receiver,
  }),
  z.strictObject({ ...common, type: z.literal('teams'), url_file: file.describe('Holds the URL of the workflow, which is a secret.'), ...receiver }),
  z.strictObject({
    ...common, type: z.literal('jira'), url, username: text, token_file: file,
    project: z.string().regex(/^[A-Z][A-Z0-9_]{1,30}$/).meta({ title: 'the key of a project, such as SEC' }), issue_type: text.default('Task'), ...receiver,
  }),
  z.strictObject({
    ...common, type: z.literal('servicenow'), url, username: text, password_file: file,
    table: z.string().regex(/^[a-z0-9_]{2,80}$/).default('incident').meta({ title: 'the name of a table' }), ...receiver,
  }),
] as const;

export const sinkSection = z.discriminatedUnion('type', [...own, ...siems, ...desks]);
