import { defineDetector } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { certain, isAccepted, isShown } from './certain.ts';
import { nameOf, placeOf } from './words.ts';

export default defineDetector({
  id: 'break-glass-use',
  title: 'A token that is kept for emergencies is used.',
  alertTitle: 'Break-glass token used',
  state: {},
  parameters: {},
  attack: [{ tactic: 'TA0004', technique: 'T1078' }],
  owaspNhi: ['NHI5'],
  restsOn: 'lifecycle',
  cases: ['an emergency, or somebody who pretends one', 'a break-glass token that is tried and turned away'],
  judgesUnauthenticated: 'Nobody has a reason to try one in vain.',
  neverHidden: true,
  grace: 'None: every use is told. Which tokens these are stands in the inventory (break_glass), and under exceptions of that kind.',
  blindSpots: ['A token for emergencies that nobody listed.', 'Logs that do not tell which token was shown.'],
  acceptance: 'Nothing is learned, and no exception hides it: close the alert when the emergency is on record.',

  fates: fates.breakGlass,

  // That it fell silent is no showing.
  wants: (event, context) => context.silence === null && isShown(event),

  observe(event: TokenEvent): Finding {
    const wasLetIn = isAccepted(event);
    const did = event.action ?? event.method;
    return certain(event, {
      severity: wasLetIn ? 73 : 47,
      reason: `A token of ${nameOf(event)} that is kept for emergencies was ${wasLetIn ? 'used' : 'tried in vain'}${did === null ? '' : ` (${did})`} `
        + `from ${placeOf(event)}: is there an emergency?`,
      observed: { accepted: wasLetIn ? 'yes' : 'no' },
    });
  },
});
