import { clientFamily } from '../src/model/client-family.ts';
import { hashText } from '../src/stats/hash.ts';
import { fingerprint16 } from '../src/stats/recent-set.ts';

/**
 * What kind of program names itself so: `browser` and `shell` are worked by people, `tool` is at hand on any machine, `attack` has no honest
 * business with a machine's token, `service` is the cloud itself calling for somebody.
 */
export type AgentKind = 'program' | 'browser' | 'shell' | 'tool' | 'attack' | 'service';
export interface Agent {
  /** Without versions and platforms. */
  readonly family: string;
  /** 16 bits of it. */
  readonly fingerprint: number;
  readonly kind: AgentKind;
  /** The word that gave an attack tool away. */
  readonly word: string | null;
}

/** Distributions and programs made for breaking in or for trying found secrets; in small letters, as part of the name. */
const attackWords = [
  'kali', 'parrot-', 'parrotsec', 'pentoo', 'blackarch', 'trufflehog', 'pacu', 'scoutsuite', 'cloudfox', 'sqlmap', 'nikto', 'nuclei', 'aadinternals',
  'roadtools', 'graphrunner', 'azurehound', 'bloodhound', 'stormspotter', 'gitleaks', 'masscan', 'gobuster', 'dirbuster', 'wpscan', 'metasploit',
  'stratus-red-team',
];
const tools = new Set(['curl', 'wget', 'httpie', 'python-requests', 'python-urllib', 'python-httpx', 'libwww-perl', 'go-http-client', 'powershell', 'aiohttp']);
const shells = new Set([
  'aws-cli', 'azurecli', 'google-cloud-sdk', 'gcloud', 'kubectl', 'k9s', 'postmanruntime', 'insomnia', 'psql', 'bruno', 'lens', 'openlens',
  's3 browser', 'cyberduck', 'winscp', 'rclone', 'azcopy', 'azure-storage-explorer', 'dbeaver', 'vault',
]);

const remembered = 1024;
const agents = new Map<string, Agent>();
let lastText = '';
let last: Agent = agentOf('');

/** By its user agent. A pure memo: emptying it changes no answer. */
export function agentIn(userAgent: string): Agent {
  if (userAgent === lastText) return last;
  let agent = agents.get(userAgent);
  if (agent === undefined) {
    if (agents.size >= remembered) agents.clear();
    agents.set(userAgent, agent = agentOf(userAgent));
  }
  lastText = userAgent;
  return last = agent;
}

function agentOf(userAgent: string): Agent {
  const family = clientFamily(userAgent);
  const small = userAgent.slice(0, 512).toLowerCase();
  const word = attackWords.find((each) => small.includes(each)) ?? null;
  return { family, fingerprint: fingerprint16(hashText(family)) || 1, kind: word === null ? kindOf(family.toLowerCase(), small) : 'attack', word };
}

function kindOf(family: string, whole: string): AgentKind {
  if (family.startsWith('console.') || family === 's3console') return 'browser';
  if (family.endsWith('.amazonaws.com') || family.startsWith('aws internal') || family === 'aws' || whole.startsWith('aws internal')) return 'service';
  if (whole.startsWith('mozilla/')) return whole.includes('powershell') ? 'tool' : whole.includes('compatible;') ? 'program' : 'browser';
  if (shells.has(family)) return 'shell';
  return tools.has(family) || whole.startsWith('python/') && whole.includes('aiohttp') ? 'tool' : 'program';
}
