import type { Detector } from '../src/model/detector.ts';
import breakGlassUse from './break-glass-use.ts';
import concurrentUse from './concurrent-use.ts';
import containmentGap from './containment-gap.ts';
import copyOutside from './copy-outside.ts';
import costSpike from './cost-spike.ts';
import defenceTampering from './defence-tampering.ts';
import destructiveBurst from './destructive-burst.ts';
import dormantTokenReuse from './dormant-token-reuse.ts';
import egressDrip from './egress-drip.ts';
import egressSpike from './egress-spike.ts';
import environmentCrossing from './environment-crossing.ts';
import expiredOrOverage from './expired-or-overage.ts';
import forgedToken from './forged-token.ts';
import gatewayBypass from './gateway-bypass.ts';
import honeytoken from './honeytoken.ts';
import humanUse from './human-use.ts';
import impossibleTravel from './impossible-travel.ts';
import knownThief from './known-thief.ts';
import leakedTokenUse from './leaked-token-use.ts';
import logSilence from './log-silence.ts';
import objectReach from './object-reach.ts';
import offboardedOwner from './offboarded-owner.ts';
import ownCredentialMisuse from './own-credential-misuse.ts';
import privatePathChange from './private-path-change.ts';
import probing from './probing.ts';
import revokedTokenUse from './revoked-token-use.ts';
import rotatedTokenUse from './rotated-token-use.ts';
import secretStoreEscalation from './secret-store-escalation.ts';
import secretSweep from './secret-sweep.ts';
import sessionReplay from './session-replay.ts';
import spoofedId from './spoofed-id.ts';
import suspiciousMinting from './suspicious-minting.ts';
import unfamiliarAction from './unfamiliar-action.ts';
import unfamiliarClient from './unfamiliar-client.ts';
import unfamiliarIp from './unfamiliar-ip.ts';
import workloadGoneUse from './workload-gone-use.ts';
import wrongAudience from './wrong-audience.ts';
import wrongWorkload from './wrong-workload.ts';

/** Every detector there is. One more is one more file and one more line. */
export const detectors: readonly Detector[] = [
  egressSpike as unknown as Detector,
  egressDrip as unknown as Detector,
  copyOutside as unknown as Detector,
  costSpike as unknown as Detector,
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
  revokedTokenUse as unknown as Detector,
  rotatedTokenUse as unknown as Detector,
  expiredOrOverage as unknown as Detector,
  offboardedOwner as unknown as Detector,
  workloadGoneUse as unknown as Detector,
  containmentGap as unknown as Detector,
  knownThief as unknown as Detector,
  leakedTokenUse as unknown as Detector,
  honeytoken as unknown as Detector,
  breakGlassUse as unknown as Detector,
  ownCredentialMisuse as unknown as Detector,
  sessionReplay as unknown as Detector,
  spoofedId as unknown as Detector,
  unfamiliarAction as unknown as Detector,
  objectReach as unknown as Detector,
  destructiveBurst as unknown as Detector,
  probing as unknown as Detector,
  suspiciousMinting as unknown as Detector,
  forgedToken as unknown as Detector,
  secretStoreEscalation as unknown as Detector,
  secretSweep as unknown as Detector,
  defenceTampering as unknown as Detector,
  logSilence as unknown as Detector,
];
