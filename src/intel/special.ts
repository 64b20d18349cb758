/** Ranges that are nobody's on the internet, by the names that configurations use. RFC 1122, 1918, 3927, 4193, 4291, 6598. */
export const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  linkLocal: ['169.254.0.0/16', 'fe80::/10'],
  carrierGradeNat: ['100.64.0.0/10'],
};

/** Ranges for documentation, tests, multicast and nothing at all: lists that name a country for them mean the registry's. RFC 5737, 6890, 9637. */
export const unroutedRanges: readonly string[] = [
  '0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3',
  '100::/64', '2001:db8::/32', '3fff::/20', 'ff00::/8',
];
