import type { Evidence } from '../src/model/detector.ts';
import type { Stage } from '../src/model/incident.ts';

/** What an intruder is at when a detector finds him, where it is not plainly the use of what is not his. */
const stageOfDetector: Readonly<Record<string, Stage>> = {
  'leaked-token-use': 'leak',
  'probing': 'discovery',
  'object-reach': 'discovery',
  'unfamiliar-action': 'discovery',
  'suspicious-minting': 'mint',
  'forged-token': 'mint',
  'secret-store-escalation': 'mint',
  'secret-sweep': 'mint',
  'defence-tampering': 'evasion',
  'log-silence': 'evasion',
  'egress-drip': 'egress',
  'copy-outside': 'egress',
  'destructive-burst': 'impact',
  'cost-spike': 'impact',
  'revoked-token-use': 'persistence',
  'containment-gap': 'persistence',
};

/** The stage of an intrusion that a detector's alerts stand for. */
export function stageOf(id: string, restsOn: Evidence | null): Stage {
  return stageOfDetector[id] ?? (restsOn === 'volume' ? 'egress' : 'use');
}
