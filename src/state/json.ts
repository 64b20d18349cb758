const decoder = new TextDecoder();

/** A value as an entity's bytes. Short texts share memory, which an encoder would claim anew for each. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** What `encodeJson` made bytes of. */
export function decodeJson<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
