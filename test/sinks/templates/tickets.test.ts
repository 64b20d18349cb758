import { expect, test } from 'vitest';
import type { Sink } from '../../../src/sinks/sink.ts';
import { startJira, startServiceNow, startSlack, type Told } from '../../support/siem/services.ts';
import { fullAlert, hostileTexts, outgoing, outgoingTest } from '../alerts.ts';
import { deliver, done, fileWith, retry, sinkOf } from './rig.ts';

const basic = `Basic ${Buffer.from('bot@example.com:token-canary').toString('base64')}`;
const channel = 'C0123456789';

interface Desk { readonly fake: Told; readonly open: () => Sink<unknown, unknown>; readonly wrong: () => Sink<unknown, unknown> }

/** Services at which one alert is one thing that is changed. */
const desks: Readonly<Record<string, () => Promise<Desk>>> = {
  slack: async () => {
    const fake = await startSlack('xoxb-canary', channel);
    const open = (token: string) => () => sinkOf({ type: 'slack', url: fake.url, channel, token_file: fileWith(token) });
    return { fake, open: open('xoxb-canary'), wrong: open('xoxb-other') };
  },
  jira: async () => {
    const fake = await startJira(basic);
    const open = (token: string) => () => sinkOf({ type: 'jira', url: fake.url, username: 'bot@example.com', token_file: fileWith(token), project: 'SEC' });
    return { fake, open: open('token-canary'), wrong: open('other') };
  },
  servicenow: async () => {
    const fake = await startServiceNow(basic);
    const open = (password: string) => () => sinkOf({ type: 'servicenow', url: fake.url, username: 'bot@example.com', password_file: fileWith(password) });
    return { fake, open: open('token-canary'), wrong: open('other') };
  },
};

test.each(Object.keys(desks))('%s: told again, the one thing is changed, also by the next life', async (name) => {
  const { fake, open } = await desks[name]!();
  const sink = open();
  expect(await deliver(sink, outgoing())).toEqual(done);
  expect(await deliver(sink, outgoing(fullAlert({ version: 3, reason: 'Now 9 GB.' })))).toEqual(done);
  expect(await deliver(sink, outgoing(fullAlert({ id: 'alert-2' })))).toEqual(done);
  // Nothing is remembered but there.
  expect(await deliver(open(), outgoing(fullAlert({ version: 4, status: 'closed', reason: 'It was a drill.' })))).toEqual(done);
  expect([fake.things.size, fake.bodies.length, fake.faults]).toEqual([2, 4, []]);
  const [first] = fake.things.values();
  expect(JSON.stringify(first)).toContain('It was a drill.');
  expect(JSON.stringify(first)).toContain('tokenward-alert-1');
});

test.each(Object.keys(desks))('%s: an alert that was closed before anybody was told makes nothing, the test alert does', async (name) => {
  const { fake, open } = await desks[name]!();
  expect(await deliver(open(), outgoing(fullAlert({ status: 'closed' })))).toEqual(done);
  expect(fake.things.size).toBe(0);
  expect(await deliver(open(), outgoingTest())).toEqual(done);
  expect([fake.things.size, fake.faults]).toEqual([1, []]);
});

test.each(Object.keys(desks))('%s: what was deleted there is made anew', async (name) => {
  const { fake, open } = await desks[name]!();
  const sink = open();
  await deliver(sink, outgoing());
  fake.things.clear();
  expect(await deliver(sink, outgoing(fullAlert({ version: 3 })))).toEqual(retry('gone'));
  expect(await deliver(sink, outgoing(fullAlert({ version: 3 })))).toEqual(done);
  expect([fake.things.size, fake.faults]).toEqual([1, []]);
});

test.each(Object.keys(desks))('%s: whatever the logs held, it is taken, and is text and nothing else', async (name) => {
  const { fake, open } = await desks[name]!();
  const sink = open();
  for (const [at, text] of hostileTexts.entries()) {
    const first = { ...fullAlert().first, identityName: text, identityId: text, resourceId: text, userAgent: text };
    for (const version of [1, 2]) expect([text, await deliver(sink, outgoing(fullAlert({ id: `a${at}`, version, reason: text, first })))]).toEqual([text, done]);
  }
  expect([fake.things.size, fake.faults]).toEqual([hostileTexts.length, []]);
});

test.each(Object.keys(desks))('%s: a flood, an outage and a wrong credential: it waits, and is there once in the end', async (name) => {
  const { fake, open, wrong } = await desks[name]!();
  const sink = open();
  fake.instead.push({ status: 429, headers: { 'retry-after': '30' } }, { status: 503 });
  expect(await deliver(sink, outgoing())).toEqual(retry('http_429', 30_000));
  expect(await deliver(sink, outgoing())).toEqual(retry('http_503'));
  expect(await deliver(wrong(), outgoing())).toEqual(retry(name === 'slack' ? 'invalid_auth' : 'unauthorized', 60_000));
  expect([fake.things.size, await deliver(sink, outgoing()), fake.things.size]).toEqual([0, done, 1]);
});

test.each(Object.keys(desks))('%s: an answer that cannot be read makes no second one', async (name) => {
  const { fake, open } = await desks[name]!();
  await deliver(open(), outgoing());
  fake.instead.push({ status: 200, body: '<html>maintenance</html>' });
  const outcome = await deliver(open(), outgoing(fullAlert({ version: 3 })));
  expect([outcome, fake.things.size]).toEqual([retry(name === 'slack' ? 'unavailable' : 'unreadable_answer'), 1]);
});

test('Slack: a refusal of the message is for good, one of the channel is mended by people', async () => {
  const { fake, open } = await desks['slack']!();
  const sink = open();
  fake.instead.push({ status: 200, body: { ok: true, messages: [] } }, { status: 200, body: { ok: false, error: 'invalid_blocks' } });
  expect(await deliver(sink, outgoing())).toEqual({ kind: 'each', verdicts: [{ kind: 'refused', reason: 'invalid_blocks' }] });
  fake.instead.push({ status: 200, body: { ok: true, messages: [] } }, { status: 200, body: { ok: false, error: 'is_archived' } });
  expect(await deliver(sink, outgoing())).toEqual(retry('is_archived', 60_000));
});

test('a link to the page is there where the alert has one', async () => {
  for (const name of Object.keys(desks)) {
    const { fake, open } = await desks[name]!();
    await deliver(open(), outgoing(fullAlert(), 'https://tokenward.example/#/alerts/alert-1'));
    expect([name, JSON.stringify(fake.bodies).includes('https://tokenward.example/#/alerts/alert-1'), fake.faults]).toEqual([name, true, []]);
  }
});
