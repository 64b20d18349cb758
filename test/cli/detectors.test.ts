import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { choose, detectorData, stateBytes } from '../../src/cli/detectors.ts';
import { wrap } from '../../src/cli/wrap.ts';
import { settingName } from '../../src/config/schema.ts';
import { defineState, f64, u32s, u8 } from '../../src/model/state.ts';

test('the size of a record is the sum of its fields', () => {
  expect(stateBytes(defineState({ last: f64(), networks: u32s(16), flag: u8() }))).toBe(8 + 64 + 1);
});

test('an unknown id says what was probably meant', () => {
  expect(() => choose([{ id: 'egress-spike' }], 'egres-spike', 'detector')).toThrow('no detector "egres-spike"');
  expect(choose([{ id: 'a' }, { id: 'b' }], undefined, 'detector')).toHaveLength(2);
});

test('every detector can be printed with its state and parameters', () => {
  for (const detector of detectors) {
    const data = detectorData(detector);
    // Certain facts need no history.
    expect(data.state.length).toBe(Object.keys(detector.state).length);
    for (const { bytes } of data.state) expect(bytes).toBeGreaterThan(0);
    expect(data.parameters.map((one) => one.name)).toEqual(Object.keys(detector.parameters).map(settingName));
  }
});

test('long texts are broken between words and indented', () => {
  expect(wrap('one two three four', 12, '  - ')).toBe('  - one two\n    three\n    four');
  expect(wrap('unbreakable', 4)).toBe('unbreakable');
});
