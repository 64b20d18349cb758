import { expect, test } from 'vitest';
import { byteCount, durationMs, isCidr, isTimezone } from '../../src/config/units.ts';

test.each([['10m', 600_000], ['30d', 2_592_000_000], ['250ms', 250], ['2w', 1_209_600_000], ['0', 0], [0, 0], ['90s', 90_000], ['1h', 3_600_000]])(
  'duration %s', (text, expected) => expect(durationMs(text)).toBe(expected));

test.each(['10', 5, '-1m', '1.5h', '10 m', 'm', '', '1M', `${'9'.repeat(10)}d`])('%j is no duration', (text) => expect(durationMs(text)).toBeNull());

test.each([['10MB', 10_000_000], ['1GiB', 1_073_741_824], ['5', 5], [7, 7], ['3kB', 3000], ['2B', 2]])(
  'size %s', (text, expected) => expect(byteCount(text)).toBe(expected));

test.each([-1, 1.5, '1.5MB', 'MB', '10mb', '', '10 MB'])('%j is no size', (text) => expect(byteCount(text)).toBeNull());

test.each(['10.0.0.0/8', '0.0.0.0/0', '192.0.2.1/32', '2001:db8::/32', '::/0'])('%s is a network', (text) => expect(isCidr(text)).toBe(true));
test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0/8', '2001:db8::/129', '/8', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/1e1'])(
  '%s is no network', (text) => expect(isCidr(text)).toBe(false));

test('time zones are those of IANA', () => {
  expect(isTimezone('Europe/Berlin')).toBe(true);
  expect(isTimezone('Europe/Nowhere')).toBe(false);
});
