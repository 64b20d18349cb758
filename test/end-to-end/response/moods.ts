import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { actionSchema } from '../../../src/config/respond-schema.ts';
import type { IntentState } from '../../../src/model/intent.ts';
import { openActions } from '../../../src/respond/actions/index.ts';
import type { Action, Liveness } from '../../../src/respond/port.ts';
import { openStore } from '../../../src/store/open.ts';
import { beginMs, ManualTiming, proposalOf, Rig } from '../../respond/support.ts';
import { Chance } from '../../support/logs/random.ts';
import { startActingReceiver, type Mood, type Step } from './acting-receiver.ts';

/** Real time, in which a second lasts so much shorter. */
class Hastened extends ManualTiming {
  readonly #factor: number;
  readonly #sinceMs = performance.now();
  readonly #chance: Chance;

  constructor(factor: number, chance: Chance) {
    super();
    this.#factor = factor;
    this.#chance = chance;
  }

  override now(): number { return beginMs + Math.floor((performance.now() - this.#sinceMs) * this.#factor); }
  override random(): number { return this.#chance.next(); }

  override after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs / this.#factor);
    return () => clearTimeout(timer);
  }
}

/** A call may then last for half a second, and a late answer comes after that. */
const factor = 20;
/** Each is tried by itself while it fails: with one alone, all would wait for one. */
const actions = 40;
/** So many are proposed at once, so that evidence does not grow old. */
const wave = 400;
const over: readonly IntentState[] = ['verified', 'unknown', 'failed'];

/** What came of it: everything but counts should be empty. */
export interface Outlived {
  readonly deliveries: number;
  readonly states: Readonly<Record<string, number>>;
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  readonly foreign: readonly string[];
  /** Sent again though the question before it was answered, and heard: it is done. On a busy machine answers come too late to be heard. */
  readonly needless: number;
}

/** How a message fares: one in three does not well. */
export function moodOf(chance: Chance): Mood {
  const share = chance.next();
  return share < 0.66 ? 'fair' : share < 0.78 ? 'is reset when done' : share < 0.92 ? 'fails' : share < 0.97 ? 'is late' : 'hangs';
}

/** So many intents by the real webhook, to a receiver that hangs, answers late, fails, or breaks off after it has done what it was asked. */
export async function outlive(folder: string, intents: number, seed: number, tell: (text: string) => void = () => undefined): Promise<Outlived> {
  const chance = new Chance(seed);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  writeFileSync(join(folder, 'secret'), secret);
  const receiver = await startActingReceiver(secret);
  const done = new Set<string>();
  const heard = new Map<string, Liveness>();
  let needless = 0;
  receiver.mood = ({ id }: Step) => {
    const mood = moodOf(chance);
    if (done.has(id) && heard.get(id) === 'dead') needless++;
    if (mood !== 'hangs' && mood !== 'fails') done.add(id);
    return mood;
  };
  const store = openStore(join(folder, 'data'));
  const sections = Array.from({ length: actions }, (_, place) => actionSchema.parse({
    name: `action-${place}`, type: 'webhook', url: receiver.url, status_url: receiver.statusUrl, secret_file: join(folder, 'secret'), does: ['revoke'], allow_private: true,
  }));
  const opened = openActions(sections, { denials: store.effects.denials, openToken: null, now: Date.now });
  const timing = new Hastened(factor, chance);
  const rig = new Rig(store, { caps: { perMinute: 1e6, perHour: 1e6, perDay: 1e6 }, actions: [...opened.actions.values()].map((action) => listening(action, heard)) }, timing);
  rig.start();
  try {
    for (let from = 0; from < intents; from += wave) {
      const places = Array.from({ length: Math.min(wave, intents - from) }, (_, place) => from + place);
      const propose = (some: readonly number[]): void => {
        rig.propose(...some.map((place) => proposalOf(`token-${place}`, { action: `action-${place % actions}`, provenMs: timing.now() })));
      };
      propose(places);
      for (let left = places; left.length > 0; left = left.filter((place) => !over.includes(stateOf(rig, place)))) {
        await sleep(100);
        // Where this machine is slow the evidence grows old, as if nothing more was seen.
        propose(left.filter((place) => stateOf(rig, place) === 'stale'));
      }
      tell(`${from + places.length} intents are over`);
    }
    const ids = Array.from({ length: intents }, (_, place) => `token-${place}-0`);
    const effects = receiver.effects.map(({ id }) => id);
    return {
      deliveries: receiver.deliveries.length, states: store.effects.responses.intentCounts(), needless, missing: ids.filter((id) => !done.has(id)),
      repeated: effects.filter((id, at) => effects.indexOf(id) !== at), foreign: receiver.deliveries.map(({ id }) => id).filter((id) => !/^token-\d+-0$/.test(id)),
    };
  } finally {
    await rig.stop();
    await store.close();
    await receiver.stop();
  }
}

/** Keeps what was heard last of each intent. */
function listening(action: Action, heard: Map<string, Liveness>): Action {
  return {
    ...action,
    async probe(intent, signal) {
      const answer = await action.probe!(intent, signal);
      heard.set(intent.id, answer);
      return answer;
    },
  };
}

function stateOf(rig: Rig, place: number): IntentState {
  return rig.intent(`token-${place}-0`).state;
}
