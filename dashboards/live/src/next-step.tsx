import type { AlertDetail, IntentView } from '../../../src/server/api/shapes.ts';
import { kindWords } from './deciding.ts';
import { mayDecide, status } from './state.ts';

/** What somebody should do now, in one sentence. */
export function NextStep({ shown }: { shown: AlertDetail }) {
  const { text, wants } = nextOf(shown);
  return <p class={`next ${wants ? 'wants' : ''}`}><strong>Next</strong> {text}</p>;
}

interface Next { readonly text: string; readonly wants: boolean }

const quiet = (text: string): Next => ({ text, wants: false });
const wanting = (text: string): Next => ({ text, wants: true });

function nextOf({ summary, intents }: AlertDetail): Next {
  if (summary.status === 'closed') return quiet('Nothing: it is closed.');
  if (status.value?.killSwitch?.on === true) return wanting('All actions are stopped: nothing happens to the token until an admin lets them go on.');
  const steps = intents.filter(({ refused }) => refused === null);
  const are = (...states: readonly IntentView['state'][]): IntentView[] => steps.filter(({ state }) => states.includes(state));
  const [undo] = are('waiting_approval').filter(({ undoing }) => undoing);
  if (undo !== undefined) return wanting(`It is proposed to take a step back (${kindWords[undo.kind].toLowerCase()}): another person decides.`);
  const [first, ...others] = are('waiting_approval', 'stale');
  if (first !== undefined) {
    const which = others.length === 0 ? 'One step wants' : `${others.length + 1} steps want`;
    const who = mayDecide() ? 'Read what depends on the token, then approve or reject.' : 'A responder decides.';
    return wanting(`${which} approval, first: ${kindWords[first.kind].toLowerCase()}. ${who}`);
  }
  if (are('failed', 'unknown').length > 0) return wanting('A step failed, or nobody can tell whether it worked: end the token by hand.');
  if (are('ready', 'sending', 'accepted').length > 0) return quiet('Nothing: the steps are being carried out and proven.');
  if (are('verified').length > 0) return quiet('What could be done is done and proven. When the owner works with a new token, close it as theft.');
  return quiet('Nothing is done by itself: ask the owner, then close it as what it was.');
}
