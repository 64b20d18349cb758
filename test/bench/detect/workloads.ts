import { Random } from '../../support/estate/random.ts';
import { dayMs, type LogFormat, type Rhythm, type Workload } from './calls.ts';
import { dutiesOf } from './deeds.ts';
import { rhythms } from './rhythms.ts';

const homes = ['52.28', '18.196', '34.89', '20.50', '10.31', '10.77', '172.20', '78.47', '51.15', '2a05:d014', '2600:1f18'];
const agents = ['Go-http-client/2.0', 'python-requests/2.32.3', 'Java-http-client/21.0.4', 'axios/1.7.7', 'okhttp/4.12.0', 'Boto3/1.35.10 md/Botocore#1.35.10'];

/** So many workloads of all profiles. Another seed is another estate. */
export function makeWorkloads(count: number, seed: number): Workload[] {
  const random = new Random(seed * 65_537 + 11);
  const deck = rhythms.flatMap((rhythm) => Array.from({ length: rhythm.share }, () => rhythm));
  return Array.from({ length: count }, (_, number) => {
    const rhythm = deck[number % deck.length] ?? random.pick(deck);
    const name = `${rhythm.profile}-${number}`;
    const format: LogFormat = random.next() < 0.5 ? 'envoy.access' : random.next() < 0.6 ? 'aws.cloudtrail' : 'kong.http_log';
    return {
      number, profile: rhythm.profile, name, rhythm, random: new Random(seed * 1_000_003 + number * 97), format, issued: new Set(),
      duties: dutiesOf(format, name, rhythm.profile, seed * 999_983 + number * 131),
      size: random.around(rhythm.size, 1), spread: random.between(...rhythm.spread), calls: Math.max(1, random.around(rhythm.calls, 0.4)),
      home: homeOf(random, rhythm), agent: random.pick(agents), generation: 0, generationSinceMs: -random.whole(400) * dayMs, objects: 5 + random.whole(400),
    };
  });
}

function homeOf(random: Random, { place }: Rhythm): string {
  if (place === 'cloud') return random.pick(homes.slice(0, 4));
  return random.pick(homes);
}

/** Public id of the token that a workload presents at a time, in the manner of its format. */
export function tokenOf(workload: Workload, atMs: number): { readonly token: string; readonly issuedMs: number | null } {
  const { tokenLifeMs } = workload.rhythm;
  const slot = tokenLifeMs === null ? 0 : Math.floor(atMs / tokenLifeMs);
  const id = workload.number * 100_000_000 + (tokenLifeMs === null ? workload.generation : 1_000 + slot);
  const issuedMs = tokenLifeMs === null ? workload.generationSinceMs : slot * tokenLifeMs;
  return { token: inFormat(workload.format, id), issuedMs: workload.format === 'envoy.access' ? issuedMs : null };
}

/** One more token of the same identity, as a thief who can mint would get it. */
export function mintedToken(workload: Workload, attack: number, number: number): string {
  return inFormat(workload.format, workload.number * 100_000_000 + 90_000_000 + attack * 1_000 + number);
}

function inFormat(format: LogFormat, id: number): string {
  const digits = String(id).padStart(12, '0').slice(-12);
  if (format === 'aws.cloudtrail') return `AKIA${id.toString(36).toUpperCase().padStart(16, 'A').slice(-16)}`;
  return `${format === 'envoy.access' ? '5b0d7a10' : 'c0ffee00'}-0000-4000-8000-${digits}`;
}
