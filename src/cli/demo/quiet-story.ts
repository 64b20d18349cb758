import { Random } from './random.ts';
import { pause } from './pause.ts';
import type { Stage } from './stage.ts';
import { call } from './world/caller.ts';
import { addressIn, type Workload } from './world/estate.ts';

/** Pages of the month-end report, each as large as the former ones. */
const reportPages = 18;
const reportFactor = 9;
const settleMs = 4_000;

/** What looks like theft and is none. */
export async function quietStory(stage: Stage): Promise<void> {
  const { world, script, observer } = stage;
  script.title('Nothing is stolen: a month end, a new gateway, a vendor that moves');
  const [, , reporter, vendor] = world.estate.own as readonly [Workload, Workload, Workload, Workload];
  script.tell(`month end: ${reporter.clientId} pulls its report, ${reportFactor} times what it takes on other days`);
  await calls(stage, reporter, reporter.address, reportPages, reporter.medianBytes * reportFactor);
  const mover = world.estate.own[1] as Workload;
  script.tell(`${mover.clientId} now leaves through a new NAT gateway of the estate`);
  await calls(stage, mover, newAddress(mover.address), 8, mover.medianBytes);
  script.tell(`${vendor.clientId} is called from the vendor's other data centre`);
  await calls(stage, vendor, addressIn(new Random(world.estate.seed), world.estate.vendorNetworks[1] as string), 8, vendor.medianBytes);
  await pause(settleMs);
  const alerts = await observer.alerts();
  script.check('no alert', alerts.length === 0, alerts.map(({ reason }) => reason).join('; '));
  script.check('no step was taken', world.desk.revoked.length === 0 && world.lists.every(({ entries }) => entries.length === 0));
  script.check('no workload was refused', world.workloads.every(({ tally }) => tally.refused === 0 && tally.renewed === 0));
}

async function calls({ world, script }: Stage, workload: Workload, address: string, pages: number, bytes: number): Promise<void> {
  const token = await world.authorization.fetchToken({ ...workload, address });
  const gateway = workload.gateway === 'edge' ? world.edge : world.partner;
  let good = 0;
  for (let page = 0; page < pages; page++) {
    const { host, paths, agent, spiffeId } = workload;
    const size = Math.round(bytes * (0.8 + 0.05 * (page % 9)));
    const reply = await call({
      url: gateway.url, host, path: paths[page % paths.length] as string, bytes: size, token, address, agent, peer: spiffeId,
    });
    if (reply.status === 200) good++;
    await pause(120);
  }
  script.check(`its ${pages} calls succeed`, good === pages);
}

/** In another subnet of the same estate. */
function newAddress(address: string): string {
  const parts = address.split('.');
  return `10.${200 + Number(parts[1]) % 50}.0.7`;
}
