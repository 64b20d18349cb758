import type { Detector } from '../src/model/detector.ts';
import concurrentUse from './concurrent-use.ts';
import dormantTokenReuse from './dormant-token-reuse.ts';
import egressSpike from './egress-spike.ts';
import environmentCrossing from './environment-crossing.ts';
import gatewayBypass from './gateway-bypass.ts';
import humanUse from './human-use.ts';
import impossibleTravel from './impossible-travel.ts';
import privatePathChange from './private-path-change.ts';
import unfamiliarClient from './unfamiliar-client.ts';
import unfamiliarIp from './unfamiliar-ip.ts';
import wrongAudience from './wrong-audience.ts';
import wrongWorkload from './wrong-workload.ts';

/** Every detector there is. One more is one more file and one more line. */
export const detectors: readonly Detector[] = [
  egressSpike as unknown as Detector,
  unfamiliarIp as unknown as Detector,
  concurrentUse as unknown as Detector,
  impossibleTravel as unknown as Detector,
  unfamiliarClient as unknown as Detector,
  privatePathChange as unknown as Detector,
  wrongWorkload as unknown as Detector,
  wrongAudience as unknown as Detector,
  environmentCrossing as unknown as Detector,
  humanUse as unknown as Detector,
  gatewayBypass as unknown as Detector,
  dormantTokenReuse as unknown as Detector,
];
