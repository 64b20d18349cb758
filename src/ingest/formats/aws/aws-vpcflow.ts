import { emptyEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { firstOf, path } from '../../paths.ts';
import { count, instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { isDigits, lineFields, type LineValues } from '../line.ts';

const id = 'aws.vpcflow';
/** Fields in the order of the user guide's table: the first fourteen are the default line. */
const order = [
  'version', 'account-id', 'interface-id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'start', 'end', 'action',
  'log-status', 'vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr', 'region', 'az-id', 'sublocation-type',
  'sublocation-id', 'pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path',
];
const defaultFields = 14;
const logStatuses: ReadonlySet<string> = new Set(['OK', 'NODATA', 'SKIPDATA']);

/** In JSON some writers put `_` for `-`. */
const named = (name: string) => (name.includes('-') ? firstOf(path(name), path(name.replaceAll('-', '_'))) : path(name));
const fields = {
  account: named('account-id'), interface: named('interface-id'), src: named('srcaddr'), src_port: named('srcport'), dst: named('dstaddr'),
  bytes: named('bytes'), start: named('start'), end: named('end'), action: named('action'), status: named('log-status'),
  instance: named('instance-id'), region: named('region'), direction: named('flow-direction'),
};
type Fields = Values<typeof fields>;

function flowLine(line: string): LineValues | null {
  const first = line.charCodeAt(0);
  if (first === 118) return line.startsWith('version account-id interface-id ') ? headerLine : null;
  if (first < 50 || first > 57 || line.charCodeAt(1) !== 32 || line.length > 1024) return null;
  const words = line.split(' ', order.length + 1);
  if (words.length < defaultFields || words.length > order.length || !logStatuses.has(words[13]!) || !isDigits(words[10]!)) return null;
  const more = words.length > defaultFields;
  return {
    header: null, account: words[1]!, interface: words[2]!, src: words[3]!, dst: words[4]!, src_port: words[5]!, bytes: words[9]!, start: words[10]!,
    end: words[11]!, action: words[12]!, status: words[13]!, instance: more ? words[16] ?? null : null, region: more ? words[21] ?? null : null,
    direction: more ? words[27] ?? null : null,
  };
}
const textFields = lineFields(
  'header', 'account', 'interface', 'src', 'dst', 'src_port', 'bytes', 'start', 'end', 'action', 'status', 'instance', 'region', 'direction',
);
const headerLine: LineValues = { ...Object.fromEntries(Object.keys(textFields).map((name) => [name, null])), header: true };

function isFlow(values: Fields): boolean {
  return values.interface !== null && values.status !== null && values.start !== null && values.src !== null;
}

function normalize(values: Fields & { readonly header?: Value }, context: NormalizeContext): Normalized {
  // Minutes without traffic, and such as AWS could not keep, are no flows.
  if (values.header === true || values.status !== 'OK') return 'ignore';
  const timeMs = instant(values.start) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A flow has no start.');
  const event = emptyEvent(id, timeMs);
  const address = parseAddress(text(values.src));
  const bytes = count(values.bytes);
  const action = text(values.action);
  event.endMs = instant(values.end);
  event.vantage = context.source.vantage ?? 'flow';
  event.module = event.cloudProvider = 'aws';
  event.category = network;
  event.type = action === 'REJECT' ? denied : allowed;
  event.action = action;
  event.outcome = action === 'REJECT' ? 'failure' : action === 'ACCEPT' ? 'success' : 'unknown';
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = count(values.src_port);
  event.sourceBytes = bytes;
  event.cloudAccount = text(values.account);
  event.cloudRegion = text(values.region);
  event.resourceId = text(values.instance) ?? text(values.interface);
  event.resourceKind = text(values.instance) === null ? 'network_interface' : 'instance';
  if (values.direction === 'egress') event.bytesOut = bytes;
  return event;
}
const network: readonly string[] = ['network'];
const allowed: readonly string[] = ['connection', 'allowed'];
const denied: readonly string[] = ['connection', 'denied'];

export const awsVpcflow = defineFormat({
  id,
  title: 'Amazon VPC flow log',
  describe: 'Flow logs of Amazon VPC (user guide: Flow log records): the default line, longer ones in the table\'s order, or JSON by field names.',
  vantage: 'flow',
  repeats: false,
  notes: [
    'A flow carries no token and no verdict on one. REJECT is a failure; NODATA and SKIPDATA records and header lines are ignored.',
    'Bytes count all headers. They leave the resource only where flow-direction is egress, which the default line does not have.',
    'Fields in an order of their own cannot be read from a line. To know directions, log with this format:',
    order.map((name) => `\${${name}}`).join(' '),
  ],
  shapes: [
    shape({
      kind: 'text', grammar: flowLine, whole: true, fields: textFields, normalize,
      recognize: (values) => values.start !== null || values.header === true,
    }),
    shape({ kind: 'json', fields, recognize: isFlow, normalize }),
  ],
});
