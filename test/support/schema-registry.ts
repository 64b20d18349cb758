import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Schema {
  readonly schema: string;
  readonly schemaType?: 'JSON' | 'PROTOBUF';
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

/**
 * Stands in for a schema registry, which cannot run in these tests: it answers the two documented requests that reading needs,
 * `GET /schemas/ids/{id}` and `GET /subjects/{subject}/versions/{version}`, with their media type and error codes, and refuses
 * everything else. Not a test of a real registry. https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export class FakeSchemaRegistry {
  readonly schemas = new Map<number, Schema>();
  /** `subject/version` to schema id. */
  readonly versions = new Map<string, number>();
  /** Everything is answered with this. */
  refusal: { readonly status: number; readonly body: string } | null = null;
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  readonly #server = createServer(({ method, url = '', headers }, response) => {
    this.requests.push(`${method} ${url}`);
    this.authorizations.push(headers.authorization);
    if (this.refusal !== null) return send(response, this.refusal.status, this.refusal.body);
    if (method !== 'GET') return send(response, 405, { error_code: 405, message: 'HTTP 405 Method Not Allowed' });
    const id = /^\/schemas\/ids\/(\d+)$/.exec(url)?.[1];
    // The library adds the name under which a schema refers to another: a parameter that is not documented, so nobody looks at it.
    const version = /^\/subjects\/([^/]+)\/versions\/(\d+)(?:\?name=[^&]*)?$/.exec(url);
    if (id !== undefined) this.#sendSchema(response, Number(id));
    else if (version !== null) this.#sendVersion(response, decodeURIComponent(version[1]!), Number(version[2]));
    else send(response, 404, { error_code: 404, message: 'HTTP 404 Not Found' });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #sendSchema(response: ServerResponse, id: number): void {
    const schema = this.schemas.get(id);
    if (schema === undefined) send(response, 404, { error_code: 40403, message: `Schema ${id} not found` });
    else send(response, 200, schema);
  }

  #sendVersion(response: ServerResponse, subject: string, version: number): void {
    const id = this.versions.get(`${subject}/${version}`);
    if (id === undefined) send(response, 404, { error_code: 40401, message: `Subject '${subject}' not found.` });
    else send(response, 200, { subject, version, id, ...this.schemas.get(id)! });
  }
}

function send(response: ServerResponse, status: number, body: object | string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(text);
}
