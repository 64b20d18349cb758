/** 1: production, 2: anything before it, 0: not told, or both. */
export type Environment = 0 | 1 | 2;
export const [production, before] = [1, 2] as const;

const words: Readonly<Record<string, 1 | 2>> = {
  prod: 1, production: 1, prd: 1,
  nonprod: 2, nonproduction: 2, preprod: 2, preproduction: 2, staging: 2, stage: 2, stg: 2, stag: 2, dev: 2, devel: 2, development: 2, test: 2, testing: 2,
  qa: 2, uat: 2, sandbox: 2, sbx: 2,
};
/** Part of every one of these words. */
const telling = /pr?d|stag|stg|dev|test|qa|uat|sandbox|sbx|prod/i;
/** Products whose names say nothing of an environment. */
const misleading = /^dev\.azure(?:\.com)?$/;

/** Names met lately, each at one place, which the next name of that place takes over; a power of two. A pure memo. */
const places = 4096;
const longestRemembered = 256;
const names = Array.from({ length: places }, () => '');
const environments = new Uint8Array(places);

/** What a name says of its environment: `orders-prod-eu` is production. */
export function environmentIn(name: string): Environment {
  if (name.length > longestRemembered) return read(name);
  const place = placeOf(name);
  if (names[place] === name) return environments[place] as Environment;
  names[place] = name;
  return environments[place] = read(name);
}

/** By length and the last characters, where the names of one estate differ. */
function placeOf(name: string): number {
  let hash = name.length;
  for (let at = Math.max(0, name.length - 6); at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ hash >>> 15) & places - 1;
}

function read(name: string): Environment {
  if (!telling.test(name) || misleading.test(name)) return 0;
  let seen = 0;
  let isNegated = false;
  for (const word of name.slice(0, 256).toLowerCase().split(/[^a-z]+/)) {
    const known = Object.hasOwn(words, word) ? words[word] as number : 0;
    seen |= isNegated || word === 'pre' ? 0 : known;
    if ((isNegated) && known === production) seen |= before;
    isNegated = word === 'non' || word === 'pre';
  }
  return seen === 3 ? 0 : seen as Environment;
}

/** A host without its last label: `.dev` and `.test` are top-level domains too. */
export function withoutTop(host: string): string {
  const dot = host.lastIndexOf('.');
  return dot < 0 ? host : host.slice(0, dot);
}
