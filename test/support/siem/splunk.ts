import { must, startFake, type Fake, type Received, type Reply } from '../providers/fake.ts';

export interface SplunkFake extends Fake {
  readonly token: string;
  /** Events taken, in order, each with its channel. */
  readonly events: { readonly event: Record<string, unknown>; readonly channel: string | undefined }[];
  /** How often it is asked for an acknowledgement before it gives it. */
  askedBefore: number;
  /** An answer in the place of the usual one, once for each. */
  readonly instead: Reply[];
}

const known = ['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields'];

/** The HTTP Event Collector as Splunk's documentation has it: `services/collector/event` and, where acknowledgement is on, `services/collector/ack`. */
export async function startSplunk(isAcknowledging: boolean): Promise<SplunkFake> {
  const token = 'B5A79AAD-D822-46CC-80D1-819F80D7BFB0';
  const events: SplunkFake['events'] = [];
  let nextId = 0;
  const asked = new Map<number, number>();
  const handle = (received: Received): Reply => {
    must(received.method === 'POST', 405, 'POST');
    if (received.headers['authorization'] !== `Splunk ${token}`) return { status: 403, body: { text: 'Invalid token', code: 4 } };
    const channel = received.headers['x-splunk-request-channel'];
    if (isAcknowledging && channel === undefined) return { status: 400, body: { text: 'Data channel is missing', code: 10 } };
    if (isAcknowledging) must(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(channel!), 400, 'the channel is a GUID');
    if (received.path === '/services/collector/ack') return acknowledge(received);
    must(received.path === '/services/collector/event', 404, 'path');
    const instead = fake.instead.shift();
    if (instead !== undefined) return instead;
    for (const event of objectsOf(received.body)) {
      must(Object.keys(event).every((key) => known.includes(key)), 400, `keys ${Object.keys(event).join()}`);
      must(typeof event['event'] === 'object' && event['event'] !== null, 400, 'event');
      must(/^\d+\.\d{3}$/.test(String(event['time'])), 400, 'time in seconds');
      events.push({ event, channel });
    }
    return { status: 200, body: { text: 'Success', code: 0, ...(isAcknowledging ? { ackId: nextId++ } : {}) } };
  };
  const acknowledge = (received: Received): Reply => {
    must(isAcknowledging, 400, 'ACK is disabled');
    const { acks } = JSON.parse(received.body) as { acks: number[] };
    must(Array.isArray(acks) && acks.every((id) => Number.isInteger(id) && id < nextId), 400, 'acks');
    return { status: 200, body: { acks: Object.fromEntries(acks.map((id) => [id, count(id) > fake.askedBefore])) } };
  };
  const count = (id: number): number => {
    asked.set(id, (asked.get(id) ?? 0) + 1);
    return asked.get(id)!;
  };
  const fake: SplunkFake = { ...await startFake(handle), token, events, askedBefore: 0, instead: [] };
  return fake;
}

/** JSON objects one after the other, with nothing between them. */
function objectsOf(body: string): Record<string, unknown>[] {
  return JSON.parse(`[${body.replaceAll('}{"time"', '},{"time"')}]`) as Record<string, unknown>[];
}
