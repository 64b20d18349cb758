import { createHash } from 'node:crypto';

/** Begins every canary; nothing else holds it. */
const mark = 'cAnArY7f3aQ9';
const secretKeys = [
  'authorization', 'Authorization', 'cookie', 'set-cookie', 'password', 'passwd', 'secret', 'client_secret', 'clientSecret', 'api_key', 'x-api-key', 'apikey', 'token', 'access_token',
  'refresh_token', 'id_token', 'sessionToken', 'secretAccessKey', 'x-vault-token', 'secret_id', 'private_key', 'assertion', 'code', 'SAMLResponse', 'signature', 'X-Amz-Signature',
];
/** Keys that hold tokens by their format's own definition. */
const tokenKeys = new Set(['client_token', 'sessionToken', 'secretAccessKey']);
/** Keys that hold a request's target. */
const targetKeys = new Set(['path', 'x-envoy-original-path', 'x-envoy-origin-path', 'urlPath']);

/** Plants values that must never come out into records of any format, and finds them again in any form. */
export class Canaries {
  #planted = 0;

  next(): string {
    return `${mark}${(this.#planted++).toString(36)}zz`;
  }

  get planted(): number {
    return this.#planted;
  }

  /** A token in the shape of a JWT with a canary in its signature and in a claim. */
  jwt(): string {
    return `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify({ note: this.next() })).toString('base64url')}.${this.next()}`;
  }

  /** The record with a secret under every likely name in every object, in queries, and where its format keeps one. */
  plant(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#plantText(value, key);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((inner) => this.plant(inner, key));
    const planted: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) planted[name] = this.plant(inner, name);
    // `event.code` of ECS is a reason, no secret.
    for (const name of secretKeys) if (!(name in planted) && !(name === 'code' && key === 'event')) planted[name] = name === 'authorization' ? `Bearer ${this.jwt()}` : this.next();
    planted[this.next()] = 'a secret where a name should be';
    planted['headers_of_the_operator'] ??= { Cookie: `session=${this.next()}`, 'X-Token': [this.jwt()], basic: `Basic ${Buffer.from(`user:${this.next()}`).toString('base64')}` };
    return planted;
  }

  #plantText(text: string, key: string): string {
    if (tokenKeys.has(key)) return text.startsWith('hmac-sha256:') ? text : `hvs.${this.next()}`;
    if (targetKeys.has(key) && text.startsWith('/')) return `${text}${text.includes('?') ? '&' : '?'}access_token=${this.jwt()}&sig=${this.next()}#${this.next()}`;
    if (key === ':authority' || key === 'authority') return `user:${this.next()}@${text}`;
    if (key === 'message' && text.includes('="')) return `${text}, client_secret="${this.next()}", redirect_uri="https://a.example/?code=${this.next()}"`;
    if (key === 'CloudTrailEvent') return JSON.stringify(this.plant(JSON.parse(text)));
    return text;
  }
}

/** Names of the forms in which a canary stands in these bytes: as it is, encoded, or as an unkeyed hash of a whole value. */
export function canariesIn(bytes: Uint8Array, whole: readonly string[] = []): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const forms: [string, string | Buffer][] = [['plain', mark], ['lower case', mark.toLowerCase()], ['hex', Buffer.from(mark).toString('hex')], ['utf-16', Buffer.from(mark, 'utf16le')]];
  for (const shift of [0, 1, 2]) forms.push([`base64 +${shift}`, Buffer.from(' '.repeat(shift) + mark).toString('base64').slice(shift === 0 ? 0 : 4, -4)]);
  for (const value of whole) forms.push(['sha-256', createHash('sha256').update(value).digest('hex')]);
  return forms.filter(([, form]) => buffer.includes(form)).map(([name]) => name);
}
