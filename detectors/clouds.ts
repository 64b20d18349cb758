/** Autonomous systems that the large clouds announce themselves, by what events call the cloud. */
const systems: Readonly<Record<string, ReadonlySet<number>>> = {
  aws: new Set([16_509, 14_618, 8_987, 7_224]),
  gcp: new Set([15_169, 396_982, 19_527]),
  azure: new Set([8_075, 8_068, 8_069, 8_070, 12_076]),
  oci: new Set([31_898]),
};

const main = new Map(Object.values(systems).flatMap((all) => {
  const [first] = all;
  return Array.from(all, (asNumber) => [asNumber, first ?? asNumber] as const);
}));

/** One number for all systems of one cloud: its regions and address families lie in several, and a workload moves among them unknowingly. */
export function mainSystem(asNumber: number): number {
  return main.get(asNumber) ?? asNumber;
}

/** Whether an autonomous system is the cloud's own; `null` for a cloud that is not known. */
export function isOfCloud(cloud: string, asNumber: number): boolean | null {
  return Object.hasOwn(systems, cloud) ? (systems[cloud] as ReadonlySet<number>).has(asNumber) : null;
}
