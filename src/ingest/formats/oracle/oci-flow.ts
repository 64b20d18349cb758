import { parseAddress } from '../../address.ts';
import { count, instant, text } from '../../values.ts';
import { auditEvent, connection, denied, fromAddress, network } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { logged } from './oci-fields.ts';

const id = 'oci.flow';
const data = (key: string) => logged('data', key);

const fields = {
  type: logged('type'), recordId: logged('id'), time: logged('time'), tenant: logged('oracle', 'tenantid'),
  action: data('action'), status: data('status'), bytes: data('bytesOut'),
  source: data('sourceAddress'), sourcePort: data('sourcePort'), destination: data('destinationAddress'),
  start: data('startTime'), end: data('endTime'),
};
type Fields = Values<typeof fields>;

function recognize({ type, action, status, source, start }: Fields): boolean {
  if (typeof type !== 'string' || !type.startsWith('com.oraclecloud.vcn.flowlogs.')) return false;
  return start !== null || source !== null || action !== null || status !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  if (values.status === 'NODATA' || values.status === 'SKIPDATA') return 'ignore';
  const timeMs = instant(values.start, context.source.timezone) ?? instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An OCI flow record has neither startTime nor time.');
  const event = auditEvent(id, 'oci', timeMs, 'flow', context);
  const endMs = instant(values.end, context.source.timezone);
  const isRejected = values.action === 'REJECT';
  event.id = text(values.recordId) ?? '';
  event.endMs = endMs !== null && endMs >= timeMs ? endMs : null;
  event.category = network;
  event.type = isRejected ? denied : connection;
  event.outcome = isRejected ? 'failure' : values.action === 'ACCEPT' ? 'success' : 'unknown';
  event.cloudProvider = 'oci';
  event.cloudAccount = text(values.tenant);
  fromAddress(event, values.source);
  event.sourcePort = count(values.sourcePort);
  event.sourceBytes = count(values.bytes);
  const destination = parseAddress(text(values.destination));
  event.resourceId = destination?.ip ?? null;
  event.resourceKind = event.resourceId === null ? null : 'host';
  return event;
}

export const ociFlow = defineFormat({
  id,
  title: 'Oracle Cloud VCN flow log',
  describe: 'Flow records of OCI virtual cloud networks (documentation: Details for VCN Flow Logs), CloudEvents of OCI Logging.',
  vantage: 'flow',
  repeats: true,
  notes: [
    'A flow carries no caller and no verdict: authenticated is absent. REJECT is a failure; NODATA and SKIPDATA are ignored.',
    'bytesOut are bytes of the packets from source to destination, headers included: source.bytes. Which side is yours the record does not say, '
      + 'so tokenward.bytes_out stays absent.',
    'No token can be named in a flow; it is tied to tokens by address and time only.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
