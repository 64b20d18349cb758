import type { Json } from '../paths.ts';
import { numberIn } from './number.ts';
import type { ReadProblem } from './scanner.ts';

const quote = 0x22, backslash = 0x5c, comma = 0x2c, colon = 0x3a, closeBrace = 0x7d, closeBracket = 0x5d;
const inNumber = /[-+.eE\d]/;

/**
 * Builds the objects of a JSON value that a scanner found good, at `start`. Objects have no
 * prototype, numbers beyond 2^53 stay text, and a repeated key is reported. Recursive: the
 * scanner has bounded the depth.
 */
export function buildTree(bytes: Buffer, start: number, report: (problem: ReadProblem) => void): Json {
  let at = start;

  function value(): Json {
    skipSpace();
    switch (bytes[at]) {
      case 0x7b: return object();
      case 0x5b: return array();
      case quote: return text();
      case 0x74: at += 4; return true;
      case 0x66: at += 5; return false;
      case 0x6e: at += 4; return null;
      default: return number();
    }
  }

  function object(): Json {
    const built = Object.create(null) as Record<string, Json>;
    at += 1;
    for (skipSpace(); bytes[at] !== closeBrace; skipSpace()) {
      const key = text();
      skipSpace();
      if (bytes[at] === colon) at += 1;
      if (Object.hasOwn(built, key)) report({ reason: 'duplicate_field', detail: 'A key stands twice in a declared value.' });
      built[key] = value();
      skipSpace();
      if (bytes[at] === comma) at += 1;
    }
    at += 1;
    return built;
  }

  function array(): Json {
    const built: Json[] = [];
    at += 1;
    for (skipSpace(); bytes[at] !== closeBracket; skipSpace()) {
      built.push(value());
      skipSpace();
      if (bytes[at] === comma) at += 1;
    }
    at += 1;
    return built;
  }

  function text(): string {
    const opening = at;
    let escaped = false;
    for (at += 1; bytes[at] !== quote; at += 1) {
      if (bytes[at] !== backslash) continue;
      escaped = true;
      at += 1;
    }
    at += 1;
    if (!escaped) return bytes.utf8Slice(opening + 1, at - 1);
    const decoded = JSON.parse(bytes.utf8Slice(opening, at)) as string;
    if (!decoded.isWellFormed()) report({ reason: 'bad_field', detail: 'A declared value holds half of a surrogate pair.' });
    return decoded;
  }

  function number(): Json {
    const first = at;
    while (inNumber.test(String.fromCharCode(bytes[at]!))) at += 1;
    return numberIn(bytes, first, at);
  }

  function skipSpace(): void {
    while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  }

  return value();
}
