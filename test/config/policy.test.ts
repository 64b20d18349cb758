import { describe, expect, test } from 'vitest';
import { configurationFile } from './support.ts';

const detectors = [{ id: 'egress-spike', parameters: {} }, { id: 'unfamiliar-ip', parameters: {} }];

const { file, load, problems } = configurationFile(detectors);

const actions = `respond:
  actions:
    - { name: as, type: oauth_revocation, issuer: "https://as.example", revocation_endpoint: "https://as.example/revoke", client_id: a, client_secret_file: "${file}" }
    - { name: edge, type: deny_list, signing_key_file: "${file}" }
  seal_tokens: { public_key_file: "${file}", private_key_file: "${file}" }
`;
const rule = (text: string): string => `policy:\n  - ${text}\n`;

describe('policy', () => {
  test('without one nothing is proposed, and what is left out is the safe side', () => {
    const { policy, respond, server } = load('');
    expect(policy).toEqual([]);
    expect(respond).toEqual({
      actions: [], neverRevoke: [], killSwitchFile: null, maxEvidenceAgeMs: 900_000, maxDependents: 1, sealTokens: null, freeze: [], tell: null, auditCheckpoints: null,
      caps: { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0.005 },
    });
    expect(server.accountsFile).toBeNull();
    expect(load(actions + rule('{ name: all, plan: [{ do: revoke, by: as }] }')).policy[0]?.mode).toBe('observe');
  });

  test('a rule keeps its place in the file, which does not count as a setting', () => {
    const text = rule('{ name: stolen, match: { severity: high, token_kinds: [jwt] }, plan: [{ do: revoke, by: as }], mode: approve }');
    const [above, below] = [load(text + actions), load(actions + text)];
    expect(above.policy).toEqual([{
      name: 'stolen', plan: [{ do: 'revoke', by: 'as' }], mode: 'approve',
      match: { severity: 73, detectors: null, tokenKinds: ['jwt'], identityKinds: null, identities: null },
    }]);
    expect(above.policyPlaces).toEqual([`${file}:2:5`]);
    expect(below.policyPlaces).toEqual([`${file}:7:5`]);
    expect(below.hash).toBe(above.hash);
  });

  test.each([
    ['an unknown action', rule('{ name: r, plan: [{ do: revoke, by: az }] }'), 'f:2:41: unknown action "az"', 'did you mean "as"?'],
    ['what an action cannot do', rule('{ name: r, plan: [{ do: deny, by: as }] }'), 'f:2:29: "as" cannot deny', 'it can: revoke'],
    ['a step twice', rule('{ name: r, plan: [{ do: revoke, by: as }, { do: revoke, by: as }] }'),
      'f:2:47: "revoke" by "as" stands twice in this plan', 'each step is done once'],
    ['an unknown detector', rule('{ name: r, match: { detectors: [egress-spik] }, plan: [] }'), 'f:2:37: unknown detector "egress-spik"',
      'did you mean "egress-spike"?'],
    ['a rule that is never reached', 'policy:\n  - { name: all, plan: [] }\n  - { name: late, match: { severity: low }, plan: [] }\n',
      'f:2:5: "all" matches every alert, so no later rule is reached', 'the first rule that matches wins: put it last'],
    ['enforcement without limits', rule('{ name: r, plan: [{ do: revoke, by: as }], mode: enforce }'), 'f:2:54: "r" enforces, which needs "respond.caps"',
      'caps: { per_minute: 10, per_hour: 50, per_day: 20 }'],
    ['a step that asks for more than its rule', rule('{ name: r, plan: [{ do: revoke, by: as, mode: approve }] }'), 'f:2:51: "approve" is more than the "observe" of its rule',
      'a step can only ask for less'],
    ['a plan in the wrong order', rule('{ name: r, plan: [{ do: revoke, by: as }, { do: deny, by: edge }] }'), 'f:2:47: "deny" comes after "revoke", which harms more',
      'in this order: pin, deny, rotate, revoke'],
    ['a step without "by"', rule('{ name: r, plan: [{ do: revoke }] }'), 'f:2:23: "by" is missing', 'by: the name of the action that does it'],
    ['watch with an action', rule('{ name: r, plan: [{ do: watch, by: as }] }'), 'f:2:40: "watch" needs no action', 'leave "by" out'],
    ['to tell where nobody is named', rule('{ name: r, plan: [{ do: tell }] }'), 'f:2:29: "tell" needs "respond.tell"', 'tell: { otherwise: NAME_OF_AN_ACTION }'],
    ['to pin what was issued', rule('{ name: r, plan: [{ do: pin, by: edge, of: minted }] }'), 'f:2:48: "pin" cannot be done to what was issued from the token', 'deny or revoke can'],
    ['steps against the credential by nobody', rule('{ name: r, plan: [], on_remint: [{ do: revoke, by: az }] }'), 'f:2:56: unknown action "az"', 'did you mean "as"?'],
  ])('%s is refused with its place', (_, text, message, hint) => {
    expect(problems(text + actions)).toEqual([message, `  hint: ${hint}`]);
  });

  test('an action that shows the token itself needs tokens to be kept', () => {
    const bare = actions.replace(/ {2}seal_tokens.*\n/, '');
    expect(problems(rule('{ name: r, plan: [{ do: revoke, by: as }] }') + bare)).toEqual([
      'f:2:41: "as" has to show the token itself, which is not kept',
      '  hint: respond: { seal_tokens: { public_key_file: seal.pub, private_key_file: seal.key } }',
    ]);
    expect(load(bare).respond.actions).toHaveLength(2);
  });

  test('a rule asks the inventory, the incident and whom it would break, has limits of its own, and knows whom to tell', () => {
    const match = '{ labels: [batch], environments: [production], criticality: [low], incident_score: 80, incident_kinds: [chain], max_broken: 0 }';
    const text = rule(`{ name: r, match: ${match}, plan: [{ do: tell }], caps: { per_hour: 5 }, on_remint: [{ do: revoke, by: as, of: minted }] }`);
    const hook = `    - { name: desk, type: webhook, url: "https://desk.example", secret_file: "${file}" }\n`;
    const tell = '  tell: { owners: { ann: desk }, otherwise: desk }\n  freeze: [{ name: weekend, from: fri 16:00, to: mon 08:00 }]\n';
    const { policy: [found], respond } = load(text + actions.replace('  seal_tokens', `${hook}  seal_tokens`) + tell);
    expect(found).toMatchObject({
      match: { labels: ['batch'], environments: ['production'], criticality: ['low'], incidentScore: 80, incidentKinds: ['chain'], maxBroken: 0 },
      plan: [{ do: 'tell', by: '' }], caps: { perHour: 5 }, onRemint: [{ do: 'revoke', by: 'as', of: 'minted' }],
    });
    expect([respond.tell, respond.freeze[0]?.name]).toEqual([{ owners: { ann: 'desk' }, teams: {}, environments: {}, otherwise: 'desk' }, 'weekend']);
    expect(problems(`${actions}  tell: { otherwise: as }\n`)).toEqual(['f:6:22: no action "as" can notify', '  hint: such as a webhook with does: [notify]']);
  });

  test('limits make sense', () => {
    const enforced = `${rule('{ name: r, plan: [{ do: revoke, by: as }], mode: enforce }')}${actions}`;
    expect(load(`${enforced}  caps: {}\n`).respond.caps.perDay).toBe(20);
    expect(problems(`${enforced}  caps: { per_hour: 0, per_minute: 0 }\n`)[0]).toBe('f:2:54: "r" enforces, but "respond.caps" lets nothing through');
    expect(problems(`${actions}  caps: { per_minute: 51 }\n`)).toEqual(['f:6:23: 51 in a minute are more than 50 in an hour']);
    expect(problems('respond: { caps: { share_of_tokens: 0.5 } }')).toEqual(['f:1:37: expected a share from 0 to 0.05, found "0.5"']);
    expect(problems('respond: { max_evidence_age: 0 }')[0]).toContain('expected a duration of at least 1s');
  });

  test('an entry of what is never acted upon names something', () => {
    expect(load('respond: { never_revoke: [{ identity: deploy, issuer: "https://as.example" }] }').respond.neverRevoke)
      .toEqual([{ identity: 'deploy', issuer: 'https://as.example' }]);
    expect(problems('respond: { never_revoke: [{}] }')).toEqual(['f:1:27: expected at least one of identity, handle, client, issuer, found a map']);
  });

  test('a step that goes by itself does not stand behind one that waits for a person', () => {
    const capped = actions.replace('respond:\n', 'respond:\n  caps: { per_minute: 1, per_hour: 1, per_day: 1 }\n');
    const plan = (first: string, second: string) => rule(`{ name: r, plan: [{ do: deny, by: edge${first} }, { do: revoke, by: as${second} }], mode: enforce }`);
    expect(problems(plan(', mode: approve', '') + capped)[0]).toBe('f:2:62: "revoke" goes by itself, but only after "deny", which waits for a person');
    expect(load(plan('', ', mode: approve') + capped).policy[0]?.plan).toEqual([{ do: 'deny', by: 'edge' }, { do: 'revoke', by: 'as', mode: 'approve' }]);
  });

  test('files of actions and accounts must be there', () => {
    expect(problems('server: { accounts_file: none.yaml }')[0]).toBe('f:1:26: file "none.yaml" does not exist');
    const webhook = '{ name: holder, type: webhook, url: "https://holder.example", secret_file: none.secret }';
    expect(problems(`respond: { actions: [${webhook}] }`)[0]).toContain('file "none.secret" does not exist');
  });
});
