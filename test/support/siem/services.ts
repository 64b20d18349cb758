/**
 * Strict fakes of the services that alerts are told to, made of their documentation: what that does not allow is refused and noted as a fault.
 * They are no proof of what the real services do.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import { formBody, jsonBody, must, noBody, routes, startFake, TokenEndpoint, type Fake, type Received, type Reply } from '../providers/fake.ts';

type Json = Record<string, unknown>;
type Handler = (received: Received, parts: readonly string[]) => Reply;

export interface Told extends Fake {
  /** What stands there, by the service's own name of it, newest state. */
  readonly things: Map<string, Json>;
  /** Bodies in the order in which they came. */
  readonly bodies: Json[];
  /** An answer in the place of the next usual one, once for each. */
  readonly instead: Reply[];
}

async function service(table: (state: Omit<Told, keyof Fake>) => Readonly<Record<string, Handler>>): Promise<Told> {
  const state = { things: new Map<string, Json>(), bodies: [] as Json[], instead: [] as Reply[] };
  const answer = routes(table(state));
  const fake = await startFake((received) => {
    // Also where something else is answered instead, the request must be right.
    const before = new Map(state.things);
    const usual = answer(received);
    const instead = state.instead.shift();
    if (instead === undefined) return usual;
    state.things.clear();
    for (const [id, thing] of before) state.things.set(id, thing);
    return instead;
  });
  return { ...fake, ...state };
}

const text = (value: unknown, most: number): boolean => typeof value === 'string' && value !== '' && value.length <= most;

/** Events API v2: https://developer.pagerduty.com/docs/send-alert-event */
export function startPagerDuty(routingKey: string): Promise<Told> {
  return service(({ things, bodies }) => ({
    'POST /v2/enqueue': (received) => {
      const body = JSON.parse(received.body) as Json & { payload: Json; links?: Json[] };
      const known = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links', 'images'];
      must(Object.keys(body).every((key) => known.includes(key)), 400, `members ${Object.keys(body).join()}`);
      if (body['routing_key'] !== routingKey) return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: ['Invalid routing key'] } };
      must(text(body['dedup_key'], 255) && ['trigger', 'acknowledge', 'resolve'].includes(body['event_action'] as string), 400, 'action and key');
      must(text(body.payload['summary'], 1024) && text(body.payload['source'], 255), 400, 'summary and source');
      must(['critical', 'error', 'warning', 'info'].includes(body.payload['severity'] as string), 400, 'severity');
      must(typeof body.payload['custom_details'] === 'object' && !Number.isNaN(Date.parse(body.payload['timestamp'] as string)), 400, 'details and time');
      must((body.links ?? []).every((link) => text(link['href'], 2048)), 400, 'links');
      bodies.push(body);
      things.set(body['dedup_key'] as string, body);
      return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: body['dedup_key'] } };
    },
  }));
}

/** Web API: chat.postMessage, chat.update, conversations.history. Everything but a flood is answered with 200. */
export function startSlack(token: string, channel: string): Promise<Told> {
  return service(({ things, bodies }) => {
    const failed = (error: string): Reply => ({ status: 200, body: { ok: false, error } });
    const allowed = (handle: Handler): Handler => (received, parts) => (received.headers['authorization'] === `Bearer ${token}` ? handle(received, parts) : failed('invalid_auth'));
    const message = (received: Received, members: readonly string[]): Json => {
      const body = jsonBody(received, ['channel', 'text', 'blocks', 'metadata', ...members], 'application/json; charset=utf-8') as Json & { blocks: Json[]; metadata: Json };
      must(text(body['text'], 4000) && !/<[^>]*>/.test(body['text'] as string), 400, 'text without markup');
      must(body.blocks.length <= 50, 400, 'blocks');
      for (const block of body.blocks) checkBlock(block);
      must(text(body.metadata['event_type'], 100) && Object.keys(body.metadata).length === 2, 400, 'metadata');
      bodies.push(body);
      return body;
    };
    const history: Handler = (received) => {
      noBody(received);
      const { channel: wanted, limit, include_all_metadata: metadata } = Object.fromEntries(new URLSearchParams(received.query));
      must(wanted === channel && Number(limit) <= 999 && metadata === 'true', 400, 'query of conversations.history');
      return { status: 200, body: { ok: true, messages: [...things].map(([ts, one]) => ({ type: 'message', ts, text: one['text'], metadata: one['metadata'] })).reverse(), has_more: false } };
    };
    return {
      'POST /api/chat.postMessage': allowed((received) => {
        const body = message(received, ['unfurl_links', 'unfurl_media']);
        if (body['channel'] !== channel) return failed('channel_not_found');
        const ts = `17000000${things.size}.000100`;
        things.set(ts, body);
        return { status: 200, body: { ok: true, channel, ts, message: {} } };
      }),
      'POST /api/chat.update': allowed((received) => {
        const body = message(received, ['ts']);
        if (!things.has(body['ts'] as string)) return failed('message_not_found');
        things.set(body['ts'] as string, body);
        return { status: 200, body: { ok: true, channel, ts: body['ts'], text: body['text'] } };
      }),
      'GET /api/conversations.history?*': allowed(history),
    };
  });
}

function checkBlock({ type, text: one, fields, elements }: Json): void {
  const plain = (value: unknown, most: number): boolean => (value as Json)['type'] === 'plain_text' && text((value as Json)['text'], most);
  if (type === 'header') return must(plain(one, 150), 400, 'header');
  if (type === 'actions') return must((elements as Json[]).every((button) => button['type'] === 'button' && plain(button['text'], 75) && text(button['url'], 3000)), 400, 'actions');
  must(type === 'section', 400, `block ${String(type)}`);
  must(one === undefined ? (fields as Json[]).length <= 10 && (fields as Json[]).every((field) => plain(field, 2000)) : plain(one, 3000), 400, 'section');
}

/** A workflow of Teams: an envelope with one adaptive card, of at most 28 KiB. */
export function startTeams(): Promise<Told> {
  return service(({ bodies }) => ({
    'POST /workflows/abc/triggers/manual/paths/invoke?*': (received) => {
      must(new URLSearchParams(received.query).get('sig') === 'secret-canary', 401, 'signature');
      const body = jsonBody(received, ['type', 'attachments']) as Json & { attachments: { contentType: string; content: Json }[] };
      must(Buffer.byteLength(received.body) <= 28 * 1024, 413, 'size');
      const [card] = body.attachments;
      must(body['type'] === 'message' && body.attachments.length === 1 && card!.contentType === 'application/vnd.microsoft.card.adaptive', 400, 'envelope');
      must(card!.content['type'] === 'AdaptiveCard' && ['1.2', '1.3', '1.4'].includes(card!.content['version'] as string), 400, 'card');
      for (const block of card!.content['body'] as Json[]) must(block['type'] === 'RichTextBlock', 400, 'only text without markup');
      bodies.push(card!.content);
      return { status: 202 };
    },
  }));
}

/** Jira Cloud, REST API 3: create, edit and search of issues. */
export function startJira(authorization: string): Promise<Told> {
  return service(({ things, bodies }) => {
    const allowed = (handle: Handler): Handler => (received, parts) => (received.headers['authorization'] === authorization ? handle(received, parts) : { status: 401 });
    const check = (fields: Json): void => {
      must(text(fields['summary'], 255) && !/[\r\n]/.test(fields['summary'] as string), 400, 'summary');
      const { type, version, content } = fields['description'] as { type: string; version: number; content: { type: string; content: Json[] }[] };
      must(type === 'doc' && version === 1 && content.every((one) => one.type === 'paragraph' && one.content.every((run) => run['type'] === 'text' && text(run['text'], 32_767))), 400, 'document');
      bodies.push(fields);
    };
    return {
      'POST /rest/api/3/issue': allowed((received) => {
        const { fields } = jsonBody(received, ['fields']) as { fields: Json };
        check(fields);
        must((fields['labels'] as string[]).every((label) => text(label, 255) && !/\s/.test(label)), 400, 'labels');
        if ((fields['project'] as Json)['key'] !== 'SEC') return { status: 400, body: { errorMessages: [], errors: { project: 'valid project is required' } } };
        const id = String(10_000 + things.size);
        things.set(id, fields);
        return { status: 201, body: { id, key: `SEC-${things.size}`, self: `https://jira.example/rest/api/3/issue/${id}` } };
      }),
      'PUT /rest/api/3/issue/{}?notifyUsers=false': allowed((received, [id]) => {
        const { fields } = jsonBody(received, ['fields']) as { fields: Json };
        check(fields);
        if (!things.has(id!)) return { status: 404, body: { errorMessages: ['Issue does not exist or you do not have permission to see it.'], errors: {} } };
        things.set(id!, { ...things.get(id!), ...fields });
        return { status: 204 };
      }),
      'POST /rest/api/3/search/jql': allowed((received) => {
        const { jql } = jsonBody(received, ['jql', 'maxResults', 'fields']) as { jql: string };
        const [, project, label] = /^project = "(\w+)" AND labels = "([\w-]+)" ORDER BY created ASC$/.exec(jql) ?? [];
        must(project === 'SEC' && label !== undefined, 400, `jql ${jql}`);
        const found = [...things].filter(([, fields]) => (fields['labels'] as string[]).includes(label)).map(([id]) => ({ id }));
        return { status: 200, body: { issues: found.slice(0, 1), isLast: true } };
      }),
    };
  });
}

/** ServiceNow's Table API. */
export function startServiceNow(authorization: string): Promise<Told> {
  return service(({ things, bodies }) => {
    const allowed = (handle: Handler): Handler => (received, parts) => (
      received.headers['authorization'] === authorization ? handle(received, parts) : { status: 401, body: { error: { message: 'User Not Authenticated' }, status: 'failure' } });
    const row = (received: Received, more: readonly string[]): Json => {
      const body = jsonBody(received, ['short_description', 'description', 'impact', 'urgency', ...more]);
      must(text(body['short_description'], 160) && text(body['description'], 4000) && /^[123]$/.test(String(body['impact'])) && /^[123]$/.test(String(body['urgency'])), 400, 'row');
      bodies.push(body);
      return body;
    };
    return {
      'GET /api/now/table/incident?*': allowed((received) => {
        noBody(received);
        const query = Object.fromEntries(new URLSearchParams(received.query));
        const [, key] = /^correlation_id=([\w-]{1,100})$/.exec(query['sysparm_query'] ?? '') ?? [];
        must(key !== undefined && query['sysparm_fields'] === 'sys_id' && query['sysparm_limit'] === '1', 400, `query ${received.query}`);
        return { status: 200, body: { result: [...things].filter(([, one]) => one['correlation_id'] === key).slice(0, 1).map(([id]) => ({ sys_id: id })) } };
      }),
      'POST /api/now/table/incident?sysparm_fields=sys_id': allowed((received) => {
        const body = row(received, ['correlation_id', 'correlation_display']);
        const id = things.size.toString(16).padStart(32, '0');
        things.set(id, body);
        return { status: 201, body: { result: { sys_id: id } } };
      }),
      'PATCH /api/now/table/incident/{}?sysparm_fields=sys_id': allowed((received, [id]) => {
        const body = row(received, ['work_notes']);
        must(!/\[\/?code\]/i.test(body['work_notes'] as string), 400, 'markup in the notes');
        if (!things.has(id!)) return { status: 404, body: { error: { message: 'No Record found' }, status: 'failure' } };
        things.set(id!, { ...things.get(id!), ...body });
        return { status: 200, body: { result: { sys_id: id } } };
      }),
    };
  });
}

export const sentinelColumns = [
  'TimeGenerated', 'AlertId', 'Version', 'Status', 'Title', 'Reason', 'Detector', 'Severity', 'RiskScore', 'Confidence', 'StartTime', 'EndTime', 'EventCount', 'BytesOut',
  'IncidentId', 'IdentityId', 'IdentityName', 'Workload', 'TokenFingerprint', 'TokenHandle', 'SourceIp', 'Country', 'Resource', 'Techniques', 'Url',
];

/** The Logs Ingestion API, and Entra ID's token endpoint beside it. */
export async function startSentinel(client: { readonly id: string; readonly secret: string; readonly tenant: string; readonly rule: string }): Promise<Told & { endpoint: TokenEndpoint }> {
  const endpoint = new TokenEndpoint({ id: client.id, secret: client.secret, method: 'post', scope: 'https://monitor.azure.com/.default' });
  const told = await service(({ bodies }) => ({
    [`POST /${client.tenant}/oauth2/v2.0/token`]: (received) => endpoint.issue(received),
    [`POST /dataCollectionRules/${client.rule}/streams/Custom-Tokenward_CL?api-version=2023-01-01`]: (received) => {
      if (!endpoint.isKnown(received)) return { status: 401, body: { error: { code: 'InvalidToken' } } };
      must(received.headers['content-type'] === 'application/json' && Buffer.byteLength(received.body) <= 1 << 20, 413, 'type and size');
      const rows = JSON.parse(received.body) as Json[];
      must(Array.isArray(rows) && rows.every((row) => Object.keys(row).every((key) => sentinelColumns.includes(key)) && !Number.isNaN(Date.parse(String(row['TimeGenerated'])))), 400, 'rows');
      bodies.push(...rows);
      return { status: 204 };
    },
  }));
  return { ...told, endpoint };
}

/** `events.import` of the Chronicle API, and Google's token endpoint beside it. */
export async function startSecOps(publicKey: KeyObject, own: { readonly email: string; readonly parent: string }): Promise<Told & { readonly checks: Promise<unknown>[] }> {
  const endpoint = new TokenEndpoint({ id: '', secret: '', method: 'post', scope: null });
  const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
  const checks: Promise<unknown>[] = [];
  const told = await service(({ bodies }) => ({
    'POST /token': (received) => {
      const { grant_type: grant, assertion = '' } = formBody(received);
      must(grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer', 400, 'unsupported_grant_type');
      checks.push(jwtVerify(assertion, key, { issuer: own.email, algorithms: ['RS256'], maxTokenAge: '1h', requiredClaims: ['aud', 'exp', 'scope'] }));
      return endpoint.give();
    },
    [`POST /v1alpha/${own.parent}/events:import`]: (received) => {
      if (!endpoint.isKnown(received)) return { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
      const { inlineSource } = jsonBody(received, ['inlineSource']) as { inlineSource: { events: { udm: Json & { metadata: Json; securityResult: Json[] } }[] } };
      for (const { udm } of inlineSource.events) {
        must(udm.metadata['eventType'] === 'GENERIC_EVENT' && !Number.isNaN(Date.parse(udm.metadata['eventTimestamp'] as string)), 400, 'metadata');
        must(Object.keys(udm).every((name) => ['metadata', 'principal', 'target', 'securityResult', 'additional'].includes(name)), 400, 'nouns');
        must(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'].includes(udm.securityResult[0]!['severity'] as string), 400, 'severity');
        bodies.push(udm);
      }
      return { status: 200, body: {} };
    },
  }));
  return { ...told, checks };
}
