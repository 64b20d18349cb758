import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Claims of the JWT that a request carried, as far as the gateways log them. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly client_id: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly scope?: string;
}

/** One answered request as a gateway knows it. */
export interface Answered {
  readonly startMs: number;
  readonly endMs: number;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly status: number;
  readonly bytes: number;
  readonly address: string;
  readonly agent: string;
  /** SPIFFE ID of the caller's certificate, if it showed one. */
  readonly peer: string | null;
  readonly requestId: string;
  /** Only of tokens that were checked; the secret itself is never logged. */
  readonly claims: Claims | null;
  readonly tokenSha256: string | null;
  /** Why it was refused, in a word. */
  readonly refused: string | null;
}

/** As Envoy writes it in JSON, with what its JWT filter verified. */
export function envoyLine(one: Answered): string {
  return JSON.stringify({
    start_time: new Date(one.startMs).toISOString(), duration: one.endMs - one.startMs, method: one.method, path: one.path, protocol: 'HTTP/1.1',
    ':authority': one.host, response_code: one.status, response_code_details: one.refused === null ? 'via_upstream' : `rbac_access_denied[${one.refused}]`,
    response_flags: one.refused === null ? '-' : 'UAEX', bytes_sent: one.bytes, bytes_received: 0, downstream_remote_address: `${one.address}:0`,
    'x-request-id': one.requestId, 'user-agent': one.agent,
    ...(one.peer === null ? {} : { downstream_peer_uri_san: one.peer }), ...(one.claims === null ? {} : { jwt_payload: one.claims }),
  });
}

/** As HAProxy writes it in JSON with keys of the operator's own. */
export function haproxyLine(one: Answered): string {
  return JSON.stringify({
    time_ms: one.endMs, accept: (one.startMs / 1000).toFixed(3), request_id: one.requestId, src: one.address, src_port: 0, method: one.method, path: one.path,
    status: one.status, bytes_out: one.bytes, bytes_in: 0, t_total_ms: one.endMs - one.startMs, backend: one.host, term: '----',
    jti: '-', sub: one.claims?.sub ?? '-', client_id: one.claims?.client_id ?? '-', iss: one.claims?.iss ?? '-', scope: one.claims?.scope ?? '-',
    iat: one.claims === null ? '-' : String(one.claims.iat), exp: one.claims === null ? '-' : String(one.claims.exp),
    token_sha256: one.tokenSha256 ?? '-', deny: one.refused ?? '-', ua: one.agent,
  });
}

/** Appends whole lines to a log. */
export class LogFile {
  readonly #descriptor: number;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a');
  }

  line(text: string): void {
    writeSync(this.#descriptor, `${text}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
