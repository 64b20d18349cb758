import { expect, test } from 'vitest';
import { Detection } from '../../src/engine/detection.ts';
import { raised } from '../../src/engine/raise.ts';
import type { Context, Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';

const finding: Finding = { severity: 47, surpriseBits: 9, confidence: 1, reason: 'It was.', baseline: {}, observed: {}, deviates: 'token' };

test('is one severity more, and nothing else is another', () => {
  expect(([21, 47, 73, 99] as const).map((severity) => raised({ ...finding, severity }))).toEqual([47, 73, 99, 99].map((severity) => ({ ...finding, severity })));
});

test('what is found on what everything else stands on is told as more severe, and only there', () => {
  const detector: Detector = {
    id: 'always', title: 'Always.', alertTitle: 'Always', state: {}, parameters: {}, attack: [], owaspNhi: [], cases: [], restsOn: 'origin', grace: 'None.', blindSpots: [],
    acceptance: 'None.', wants: () => true, observe: ({ userName }) => (userName === 'quiet' ? null : finding),
  };
  const detection = new Detection([{ detector, values: {} }], () => { throw new Error('it keeps nothing'); }, () => undefined, ({ userName }) => userName !== 'rates');
  const severity = (userName: string): number | undefined => {
    const event: TokenEvent = { ...emptyEvent('test', 0), userName };
    detection.start(event);
    return detection.observe(0, event, {} as Context, null, true)?.severity;
  };
  expect(['rates', 'kafka', 'quiet'].map(severity)).toEqual([47, 73, undefined]);
});
