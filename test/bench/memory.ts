import type { Assembly } from '../../src/assemble.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { openWorld } from './world.ts';

export interface MemoryResult {
  readonly tokens: number;
  readonly identities: number;
  /** Growth by the first use of each identity, its first token included. */
  readonly perIdentity: Bytes;
  /** Growth by each further token of the same identities, once used; `null` where there was none. */
  readonly perToken: Bytes | null;
}

export interface Bytes {
  /** Of the process: what counts, with whatever the allocators hold back. */
  readonly resident: number;
  /** Of objects and buffers that are in use. */
  readonly live: number;
}

const batchEvents = 1024;
const batchesPerCheckpoint = 50;
const startMs = Date.UTC(2026, 2, 1);
/** More than one checkpoint, so that code, caches and the buffers of a checkpoint are there before the first measurement. */
const warmUp = 60_000;
/** Shared between callers, and so no part of what one more caller costs. */
const shared = { networks: 5000, resources: 1000, workloads: 2000, agents: 4 };

/** Each identity is used once, then the further tokens in turn; checkpoints let saved texts leave memory. */
export async function benchMemory(tokens: number, identities: number): Promise<MemoryResult> {
  const world = openWorld();
  await useTokens(world, 0, warmUp, (number) => number);
  const before = await memoryInUse();
  await useTokens(world, warmUp, warmUp + identities, (number) => number);
  const withIdentities = await memoryInUse();
  const further = tokens - identities;
  await useTokens(world, warmUp + identities, warmUp + tokens, (number) => warmUp + number % identities);
  const withTokens = await memoryInUse();
  const counts = world.correlator.counts();
  if (counts.tokens !== tokens + warmUp || counts.identities !== identities + warmUp) throw new Error(`not all are known: ${JSON.stringify(counts)}`);
  await world.store.close();
  return {
    tokens, identities, perIdentity: growth(before, withIdentities, identities),
    perToken: further === 0 ? null : growth(withIdentities, withTokens, further),
  };
}

function growth(before: Bytes, after: Bytes, count: number): Bytes {
  return { resident: (after.resident - before.resident) / count, live: (after.live - before.live) / count };
}

/** After garbage is gone. Needs `--expose-gc`. */
async function memoryInUse(): Promise<Bytes> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('start node with --expose-gc');
  for (let i = 0; i < 4; i++) {
    // Gives free pages back, which an ordinary collection keeps for later.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { resident: rss, live: heapUsed + arrayBuffers };
}

async function useTokens({ loop }: Assembly, from: number, to: number, identityOf: (token: number) => number): Promise<void> {
  for (let number = from; number < to; number++) {
    loop.take('memory', number, use(number, identityOf(number)));
    const taken = number - from + 1;
    if (taken % batchEvents === 0) loop.commit();
    if (taken % (batchEvents * batchesPerCheckpoint) === 0) await loop.checkpoint();
  }
  await loop.checkpoint();
  await loop.settled();
}

function use(token: number, identity: number): TokenEvent {
  const event = emptyEvent('envoy.access', startMs + token);
  const network = identity % shared.networks;
  event.id = `event-${token}`;
  event.tokenHandle = `1f2e3d4c-0000-4000-8000-${String(token).padStart(12, '0')}`;
  // As long and as various as a real one.
  event.token = `K1d4.${Buffer.from(String(token).padStart(16, '0')).toString('base64url')}`;
  event.tokenKind = 'jwt';
  event.tokenIssuer = event.organization = 'https://id.example.com';
  event.identityId = `https://id.example.com|svc-orders-${identity}`;
  event.identityName = `svc-orders-${identity}`;
  event.identityKind = 'service';
  event.workloadId = `spiffe://example.com/ns/production/sa/orders-${identity % shared.workloads}`;
  event.workloadKind = 'spiffe';
  event.sourceIp = event.sourceAddress = `${20 + (network >> 8)}.120.${network & 255}.7`;
  event.userAgent = `orders-client/2.1 node/${network % shared.agents}`;
  event.resourceId = `api.example.com/v1/orders-${identity % shared.resources}`;
  event.urlPath = `/v1/orders/${token}`;
  event.bytesOut = 5000;
  event.authenticated = true;
  event.outcome = 'success';
  event.lifecycle = 'used';
  return event;
}
