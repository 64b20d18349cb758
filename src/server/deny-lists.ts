import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credentials } from './credentials.ts';

/** A deny list and the gateways that fetch it. */
export interface ServedList {
  readonly name: string;
  readonly gateways: readonly { readonly name: string; readonly credentials: Credentials }[];
  /** `etag` is another for every other body. */
  current(): { readonly number: number; readonly etag: string; readonly body: string };
  /** The gateway has the list of this number. */
  acknowledge(gateway: string, number: number): void;
}

/**
 * `GET /deny-lists/{name}` for gateways, each known by a token of its own. Who asks with the tag of the present list has it, and gets 304;
 * who gets it whole has it once the last byte went out. Who says `?in_force=<number>`, or `none`, is believed that
 * instead. Answers nothing but 401 to anybody else, whether the list exists or not.
 */
export function addDenyLists(server: FastifyInstance, lists: readonly ServedList[], onRefused?: (reason: string, status: number) => void): void {
  const byName = new Map(lists.map((list) => [list.name, list]));
  server.get<{ Params: { name: string }; Querystring: Readonly<Record<string, unknown>> }>('/deny-lists/:name', (request, reply) => {
    const list = byName.get(request.params.name);
    const gateway = list?.gateways.find(({ credentials }) => credentials.accepts(request.headers.authorization));
    if (list === undefined || gateway === undefined) {
      onRefused?.('unauthenticated', 401);
      return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthenticated' });
    }
    const acknowledge = (number: number): void => list.acknowledge(gateway.name, number);
    const { in_force: said } = request.query;
    if (said === undefined) return answer(list, acknowledge, request, reply);
    // What there is not yet cannot be in force.
    if (typeof said === 'string' && /^\d{1,15}$/.test(said) && Number(said) <= list.current().number) acknowledge(Number(said));
    return answer(list, () => undefined, request, reply);
  });
}

function answer(list: ServedList, acknowledge: (number: number) => void, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { number, etag, body } = list.current();
  void reply.header('etag', etag);
  if (tagsOf(request.headers['if-none-match']).includes(etag)) {
    acknowledge(number);
    return reply.code(304).send();
  }
  reply.raw.once('finish', () => acknowledge(number));
  return reply.header('content-type', 'application/jose').send(body);
}

/** The tags that a request names; a weak one is as good, since equal tags mean equal bytes here (RFC 9110, 13.1.2). */
function tagsOf(header: string | undefined): string[] {
  return (header ?? '').split(',', 16).map((tag) => tag.trim().replace(/^W\//, ''));
}
