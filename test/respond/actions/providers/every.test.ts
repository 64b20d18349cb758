import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { actionSchema, needsToken, stepsOf } from '../../../../src/config/respond-schema.ts';
import { noHandover } from '../../../../src/model/intent.ts';
import { openActions } from '../../../../src/respond/actions/index.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { everySample, type Sample } from '../../../support/providers/every.ts';
import { tableOf } from '../../../support/providers/table.ts';
import { root } from '../../../support/source.ts';
import { fileWith, intentOf, keyFiles, serve, signal, targetOf } from '../support.ts';
import { noDenials, open, rsaKeys } from './support.ts';

const canary = 'canary-0f3b2a9c';
const keys = rsaKeys();
const files = {
  secret: fileWith(canary), key: keys.file, signing: fileWith(`whsec_${Buffer.from(canary.repeat(2)).toString('base64')}`),
  account: fileWith(JSON.stringify({ client_email: 'ours@example.com', private_key: keys.pem, private_key_id: canary })),
  certificate: fileWith(`-----BEGIN CERTIFICATE-----\n${canary}\n-----END CERTIFICATE-----\n`),
};
/** Holds what the actions that look into a token look for. */
const inside = { sid: 's', 'pi.sri': 'sri', 'kubernetes.io': { namespace: 'jobs', pod: { name: 'p', uid: 'u' } }, canary };
const jwt = `e30.${Buffer.from(JSON.stringify(inside)).toString('base64url')}.${canary}`;
const tokenFor = ({ section }: Sample): string => (section.type === 'github' ? `ghp_${'a'.repeat(20)}${canary.replaceAll('-', '')}` : jwt);
const nameOf = ({ name, section }: Sample): string => name ?? (section.call === undefined ? section.type : `${section.type}.${section.call}`);

const everyKind: readonly [string, Sample][] = everySample('https://provider.example', files).map((sample) => [nameOf(sample), sample]);

describe.each(everyKind)('%s', (_, { section, target }) => {
  const parsed = actionSchema.parse(section);
  const action = open(section, { token: jwt });

  test('the configuration knows what it can do, and that it needs the token', () => {
    expect(stepsOf(parsed)).toEqual(action.kinds);
    const without = open(section);
    expect(without.fits(targetOf(target), action.kinds.at(-1)!) === 'tokens_not_sealed').toBe(needsToken(parsed));
    expect(action.fits(targetOf(target), action.kinds.at(-1)!)).toBeNull();
  });

  test('its facts are sentences, and say that there is an undo where there is one', () => {
    const { effect, delay, undo, rights, exposureMs } = action.facts;
    for (const text of [effect, delay, ...(undo === null ? [] : [undo])]) expect(text).toMatch(/^[A-Z].*\.$/);
    expect(rights, 'may begin with the name of a right').toMatch(/\.$/);
    expect([action.undo === null, exposureMs > 0]).toEqual([undo === null, true]);
  });

  test('a token that nobody can name is left alone', () => {
    expect(action.fits(targetOf({ ...target, handle: null, userId: null, identityId: null, issuer: null }), action.kinds.at(-1)!)).not.toBeNull();
  });
});

test('hosts that are not public are refused unless that is meant', () => {
  for (const { section } of everySample('https://10.0.0.1', files)) {
    expect(() => openActions([actionSchema.parse({ ...section, allow_private: false })], { denials: noDenials, openToken: null }), `${section.type}`)
      .toThrow('leads to a private network');
  }
});

/** Everything that comes back from an action. */
async function outcome(action: Action, { target }: Sample): Promise<string> {
  const intent = intentOf({ kind: action.kinds.at(-1)!, target });
  const made = await action.rotation?.handOver(intent, (change) => ({ ...noHandover, ...change }), signal);
  const said = [made, await action.perform(intent, signal), await action.probe?.(intent, signal), await action.undo?.({ ...intent, undoing: true }, signal)];
  return JSON.stringify([said, action.facts, action.fits(intent.target, intent.kind)]);
}

describe('secrets', () => {
  test.each([200, 400, 401, 403, 404, 409, 422, 500])('servers that give back with %d all they were sent: none of it comes through', async (status) => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => { body += part.toString(); });
      request.on('end', () => {
        const all = JSON.stringify([request.headers, body]);
        const echo = { access_token: canary, error: all, err: all, errors: [all], warnings: [all], code: all, message: all, __type: all, Code: all, active: all, status: all };
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(echo));
      });
    });
    for (const sample of everySample(url, files)) {
      const said = await outcome(open(sample.section, { token: tokenFor(sample) }), sample);
      expect(said, `${nameOf(sample)}`).not.toContain(canary);
      expect(said).not.toMatch(new RegExp(Buffer.from(`ours:${canary}`).toString('base64').slice(0, 12)));
      for (const [, reason] of said.matchAll(/"reason":"([^"]*)"/g)) expect(reason).toMatch(/^[a-z][a-z0-9_]{1,40}$/);
    }
  });

  test('files that cannot be used are not quoted', () => {
    const wrong = { secret: fileWith(`${canary}\n${canary}`), key: files.secret, account: files.secret, signing: files.secret, certificate: files.secret };
    const told: string[] = [];
    for (const { section } of everySample('https://provider.example', wrong)) {
      try {
        open(section);
      } catch (error) {
        told.push(String(error));
      }
    }
    expect(told.length).toBeGreaterThan(30);
    expect(told.join('\n')).not.toContain(canary);
  });
});

/** Renew it with `RENEW_DOCS=1 npx vitest run test/respond/actions/providers/every.test.ts`. */
test('the page of actions says what the declarations say', () => {
  const denyList = { section: { name: 'gateways', type: 'deny_list', signing_key_file: keyFiles('ed25519').privateFile }, target: {} };
  const samples = [...new Map(everySample('https://provider.example', files).map((sample) => [nameOf(sample), sample])).values(), denyList];
  const table = tableOf(samples.map((sample) => ({ name: nameOf(sample), action: openActions([actionSchema.parse(sample.section)], {
    denials: noDenials, openToken: null,
  }).actions.values().next().value! })));
  const page = join(root, 'docs', 'actions.md');
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split('<!-- table -->\n');
  const after = rest.split('<!-- end of table -->\n')[1] ?? '';
  const renewed = `${before}<!-- table -->\n${table}\n<!-- end of table -->\n${after}`;
  if (process.env['RENEW_DOCS'] !== undefined) writeFileSync(page, renewed);
  else expect(text).toBe(renewed);
});
