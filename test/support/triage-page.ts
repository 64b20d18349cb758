/** The page on triage, made of what the detectors declare and of a first question for each. */
import { detectors } from '../../detectors/index.ts';
import { nameTechnique } from '../../src/sinks/attack.ts';

/** What to look at first, and what usually stands behind it when it is nothing. */
const questions: Readonly<Record<string, readonly [look: string, benign: string]>> = {
  'egress-spike': ['Which objects, to which network (`explain --touched`)? Is the network one of the identity\'s own?', 'a first export, a month-end, a backfill that a person can name'],
  'egress-drip': ['Which objects grew, week by week, and who asked for them?', 'a customer or feature that grows'],
  'copy-outside': ['Whose is the account that it was opened to or copied to?', 'a partner\'s account that is not in the inventory'],
  'cost-spike': ['Did the named token begin to use the service when the bill rose?', 'a release that uses a new service'],
  'unfamiliar-ip': ['Whose network is it, and did the identity go on from its old one meanwhile?', 'a move, a new egress address: then the old place falls silent'],
  'concurrent-use': ['Do both places do the same kind of work?', 'a second site, a developer with the machine\'s token'],
  'impossible-travel': ['Is one of the countries that of a VPN or proxy?', 'a VPN of the person\'s own'],
  'unfamiliar-client': ['Is the program one that your teams use?', 'an upgraded or replaced library'],
  'private-path-change': ['Which endpoint or address did it come by, and who changed the route?', 'a rebuilt network'],
  'wrong-workload': ['What does the token do there that its own workload never does?', 'a job that moved without its inventory entry'],
  'wrong-audience': ['Which resource took it, and why does it not check the audience?', 'a resource that never checked'],
  'environment-crossing': ['Who has both environments\' secrets?', 'a test that was set up with the wrong secret; it is a finding all the same'],
  'human-use': ['Who works at those hours and in that network?', 'an engineer who debugs with the service\'s key: rotate it'],
  'gateway-bypass': ['By which way was the resource reached?', 'a health check or a second gateway that is no source yet'],
  'dormant-token-reuse': ['Who keeps a copy of a token that nobody needed for so long?', 'a yearly job, a restored machine'],
  'revoked-token-use': ['Was it accepted? Then which verifier still does, and for how long (`validation_cache`)?', 'a cache; the trying alone, by the owner\'s own stale program'],
  'rotated-token-use': ['Does the old one come from where the new one is?', 'an instance that was not restarted'],
  'expired-or-overage': ['Accepted after its end, or only older than your policy?', 'clocks; a limit that nobody agreed to'],
  'offboarded-owner': ['Who has the token now, and what runs with it?', 'a service that was left without an owner: give it one, and a new token'],
  'workload-gone-use': ['Where is it used, when what it was made for is gone?', 'a listing that is out of date'],
  'containment-gap': ['Which tokens of the identity are left? Cut those too.', 'a token that was left on purpose'],
  'known-thief': ['Same place and program as in the confirmed theft: what has it now?', 'a shared address that was confirmed in haste'],
  'leaked-token-use': ['Is it used by others than its owner since it was found? Revoke it either way.', 'the owner, or the scanner itself'],
  honeytoken: ['Where did the bait lie, and who can read there?', 'a scanner of your own'],
  'break-glass-use': ['Which emergency, and who declared it?', 'a declared emergency or exercise'],
  'own-credential-misuse': ['Who else has the credential, and what did he do with it? Change it by hand first: the response itself is at stake.',
    'an administrator who borrowed it, or a service that moved'],
  'session-replay': ['Does the person know the second program and network?', 'a change of network and browser at once'],
  'spoofed-id': ['Who claims it? There is no proof, so cut nobody for it.', 'a program with a wrong setting'],
  'unfamiliar-action': ['What would those operations give to an intruder?', 'a release'],
  'object-reach': ['Whose objects, and were they given?', 'a new customer, a migration'],
  'destructive-burst': ['Can it be brought back? Stop it first, ask then.', 'a clean-up that a person can name'],
  probing: ['What was it let into in the end?', 'a deployment with missing rights'],
  'suspicious-minting': ['Who made it, from where, and is the new credential used already? Cut both.', 'an administrator\'s first day'],
  'forged-token': ['Which verifier took it, and which key signed it? Rotate the signing key.', 'an issuer\'s log that is incomplete'],
  'secret-store-escalation': ['Which secrets were read after it was opened? Rotate them.', 'a recovery that a person can name'],
  'secret-sweep': ['Which secrets? Every one is to be rotated if it is a theft.', 'a migration of secrets, a new backup'],
  'defence-tampering': ['What happened while it was off? Turn it on again.', 'a change that was agreed: its number should be in the ticket'],
  'log-silence': ['Is the sender alive, and who changed it?', 'maintenance'],
};

/** Throws where a detector has no question, or a question no detector. */
export function triagePage(): string {
  const unknown = Object.keys(questions).filter((id) => !detectors.some((detector) => detector.id === id));
  if (unknown.length > 0) throw new Error(`no detector: ${unknown.join(', ')}`);
  return `${intro}${detectors.map(sectionOf).join('\n')}`;
}

const intro = `# Triage an alert

<!-- Made of what the detectors declare: npx vitest run test/house/docs.test.ts --update -->

An alert lies before you. Five minutes, in this order:

1. **Is it proved?** \`explain ALERT\`: the baseline, what was seen, the evidence. \`late\` alerts and those of few bits are weaker.
2. **Is it alone?** Look at the incident: several stages in order are a story, one alert of low severity mostly is not. [incidents.md](incidents.md)
3. **Whose is it, and does he know?** Identity, workload, owner. Ask by a way that the token does not open.
4. **What was touched, and what was minted?** \`explain ALERT --touched\`. A theft ends only when what was minted is cut as well.
5. **Who would break?** \`respond plan ALERT\`. Pin before you deny where others use the same token. [respond.md](respond.md)

Then close it: as *theft* (its features are remembered), as *benign* (it is learned at once), or as a *false alarm*. What comes again and again:
[tuning.md](tuning.md). For others to read: \`report incident ID\`.

Below, for each detector: what to look at first, what it mostly is when it is nothing, from when it can be trusted, how a change is accepted, and what it cannot see.

`;

function sectionOf({ id, title, grace, acceptance, blindSpots, neverHidden, attack }: typeof detectors[number]): string {
  const question = questions[id];
  if (question === undefined) throw new Error(`no first question for ${id}`);
  const techniques = [...new Set(attack.map((one) => `${one.technique} ${nameTechnique(one).techniqueName}`))];
  return [
    `## ${id}`, '', title, '', `- **Look first:** ${question[0]}`, `- **When it is nothing:** ${question[1]}.`, `- **Trust it from:** ${grace}`,
    `- **A change is accepted:** ${acceptance}${neverHidden === true ? ' No exception hides it.' : ''}`, `- **It does not see:** ${blindSpots.join(' ')}`,
    `- **ATT&CK:** ${techniques.join(', ')}`, '',
  ].join('\n');
}
