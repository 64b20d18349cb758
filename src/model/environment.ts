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

const remembered = 4096;
const environments = new Map<string, Environment>();

/** What a name says of its environment: `orders-prod-eu` is production. A pure memo stands before it. */
export function environmentIn(name: string): Environment {
  let found = environments.get(name);
  if (found !== undefined) return found;
  found = read(name);
  if (environments.size >= remembered) environments.clear();
  environments.set(name, found);
  return found;
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
