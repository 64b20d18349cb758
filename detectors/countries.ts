/**
 * Where countries lie: latitude and longitude of the middle in degrees, and how far one may be from it and still be inside, in km. Rounded,
 * from common geographical knowledge; large countries have large radii, so distances between places are rather told too short.
 */
const table = `
AD 43 2 30|AE 24 54 300|AF 34 66 700|AG 17 -62 30|AL 41 20 200|AM 40 45 200|AO -12 18 900|AR -34 -64 2000|AT 47 14 400|AU -25 134 2300|AZ 40 48 300
BA 44 18 200|BB 13 -60 20|BD 24 90 400|BE 51 5 200|BF 12 -2 500|BG 43 25 300|BH 26 51 40|BI -3 30 150|BJ 9 2 400|BN 5 115 100|BO -17 -65 900|BR -10 -53 2500
BS 24 -76 400|BT 27 90 200|BW -22 24 600|BY 53 28 400|BZ 17 -89 150|CA 56 -96 3000|CD -3 24 1300|CF 7 21 800|CG -1 15 700|CH 47 8 200|CI 8 -6 450
CL -33 -71 2300|CM 6 12 700|CN 35 103 2700|CO 4 -73 1000|CR 10 -84 250|CU 22 -79 700|CV 16 -24 200|CY 35 33 120|CZ 50 15 300|DE 51 10 500|DJ 12 43 120
DK 56 10 300|DO 19 -70 200|DZ 28 3 1300|EC -1 -79 500|EE 59 26 250|EG 27 30 800|ER 15 39 500|ES 40 -4 700|ET 9 39 900|FI 64 26 650|FJ -18 178 300|FR 46 2 650
GA -1 12 450|GB 54 -2 600|GE 42 43 300|GH 8 -1 400|GM 13 -15 200|GN 10 -10 500|GQ 2 10 400|GR 39 22 500|GT 15 -90 300|GW 12 -15 200|GY 5 -59 450|HK 22 114 40
HN 15 -87 350|HR 45 16 300|HT 19 -73 200|HU 47 19 300|ID -3 118 2600|IE 53 -8 250|IL 31 35 250|IN 22 79 1700|IQ 33 44 600|IR 32 54 1200|IS 65 -19 300
IT 42 12 700|JM 18 -77 120|JO 31 37 300|JP 37 138 1500|KE 0 38 600|KG 41 75 500|KH 13 105 300|KM -12 44 100|KP 40 127 400|KR 36 128 350|KW 29 48 120
KZ 48 67 1500|LA 18 104 600|LB 34 36 120|LI 47 10 20|LK 7 81 250|LR 6 -9 300|LS -30 28 150|LT 55 24 250|LU 50 6 50|LV 57 25 250|LY 27 18 1000|MA 32 -6 900
MC 44 7 10|MD 47 29 200|ME 43 19 100|MG -19 47 800|MK 42 22 120|ML 17 -4 1000|MM 21 96 1000|MN 47 104 1300|MO 22 114 20|MR 20 -10 800|MT 36 14 30|MU -20 57 50
MV 3 73 450|MW -13 34 450|MX 23 -102 1700|MY 4 110 1200|MZ -18 35 1000|NA -22 17 800|NE 17 9 800|NG 9 8 700|NI 13 -85 300|NL 52 5 200|NO 64 12 1000
NP 28 84 450|NZ -41 174 900|OM 21 56 600|PA 9 -80 350|PE -9 -75 1000|PG -6 146 700|PH 12 122 900|PK 30 69 900|PL 52 19 400|PR 18 -66 100|PS 32 35 80
PT 39 -8 350|PY -23 -58 500|QA 25 51 100|RO 46 25 400|RS 44 21 250|RU 58 80 4200|RW -2 30 120|SA 24 45 1100|SC -5 55 100|SD 15 30 1000|SE 62 15 850
SG 1 104 30|SI 46 15 150|SK 49 20 250|SL 8 -12 200|SN 14 -14 400|SO 5 46 900|SR 4 -56 300|SS 7 30 600|SV 14 -89 150|SY 35 38 400|SZ -26 31 100|TD 15 19 900
TG 9 1 300|TH 15 101 800|TJ 39 71 400|TL -9 126 150|TM 39 59 650|TN 34 9 450|TR 39 35 850|TT 11 -61 60|TW 24 121 220|TZ -6 35 650|UA 49 31 700|UG 1 32 350
US 39 -98 2600|UY -33 -56 350|UZ 41 64 700|VE 7 -66 800|VN 16 107 900|XK 43 21 100|YE 15 48 600|ZA -29 25 900|ZM -13 28 700|ZW -19 30 450`;

interface Spot { readonly latitude: number; readonly longitude: number; readonly radiusKm: number }

/** From 1, so that 0 can mean "not yet". A country's place is kept in records: only ever append. */
const spots: Spot[] = [{ latitude: 0, longitude: 0, radiusKm: 0 }];
const numbers = new Map<string, number>();
for (const entry of table.trim().split(/[|\n]/)) {
  const [code = '', latitude, longitude, radiusKm] = entry.split(' ');
  numbers.set(code, spots.push({ latitude: Number(latitude), longitude: Number(longitude), radiusKm: Number(radiusKm) }) - 1);
}
const codes = ['', ...numbers.keys()];

/** Number of a country by its ISO 3166 code, 0 where it is not in the table. */
export function countryNumber(code: string): number {
  return numbers.get(code) ?? 0;
}

/** ISO 3166 code of a country's number. */
export function countryCode(number: number): string {
  return codes[number] ?? '';
}

const earthRadiusKm = 6371;
const radians = Math.PI / 180;

/** The least way between two countries in km, 0 where it may be none: great circle between the middles (haversine), less both radii. */
export function distanceKm(one: number, other: number): number {
  const [from, to] = [spots[one], spots[other]];
  if (one === 0 || other === 0 || from === undefined || to === undefined) return 0;
  const [fromLatitude, toLatitude] = [from.latitude * radians, to.latitude * radians];
  const across = Math.sin((to.longitude - from.longitude) * radians / 2) ** 2;
  const half = Math.sin((toLatitude - fromLatitude) / 2) ** 2 + Math.cos(fromLatitude) * Math.cos(toLatitude) * across;
  return Math.max(0, 2 * earthRadiusKm * Math.asin(Math.sqrt(half)) - from.radiusKm - to.radiusKm);
}
