import type { Detector } from '../src/model/detector.ts';
import dormantTokenReuse from './dormant-token-reuse.ts';
import egressSpike from './egress-spike.ts';
import unfamiliarIp from './unfamiliar-ip.ts';

/** Every detector there is. One more is one more file and one more line. */
export const detectors: readonly Detector[] = [
  egressSpike as unknown as Detector,
  unfamiliarIp as unknown as Detector,
  dormantTokenReuse as unknown as Detector,
];
