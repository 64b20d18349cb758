import { createHash } from 'node:crypto';
import type { RotationSection } from '../../../config/rotation-schema.ts';
import { durationMs } from '../../../config/units.ts';
import { noHandover, type Handover, type Intent, type Target } from '../../../model/intent.ts';
import type { Action, Liveness, Verdict } from '../../port.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { failureOf, type Answered, type Failure } from './part.ts';
import { contentWith, isHeld, type Fields, type SecretStore, type Value } from './store.ts';

/** A store with where in it the credential of each identity stands. */
export interface UsedStore extends Fields { readonly store: SecretStore; readonly secrets: Readonly<Record<string, string>> }

export interface RotatorParts {
  readonly credentials: Credentials;
  readonly stores: readonly UsedStore[];
  readonly now: () => number;
}

/** The provider's clock and ours differ by less. */
const skewMs = 2 * 60_000;
const done: Verdict = { kind: 'done' };

/**
 * Rotates one kind of credential. Secrets that were made are in memory until every store has them, and nowhere else: what a crash leaves
 * without its secret is known by its id, which is noted before, and is deleted.
 */
export class Rotator {
  readonly #parts: RotatorParts;
  /** Intent -> what was made for it and has not reached every store. */
  readonly #made = new Map<string, Made>();

  constructor(parts: RotatorParts) {
    this.#parts = parts;
  }

  fits(target: Target): string | null {
    const { credentials, stores } = this.#parts;
    const { identityId } = target;
    if (identityId === null || !stores.every(({ secrets }) => Object.hasOwn(secrets, identityId))) return 'not_listed';
    return credentials.fits(target);
  }

  /** See `Rotation.handOver`. */
  async handOver(intent: Intent, note: (change: Partial<Handover>) => Handover, signal: AbortSignal): Promise<Verdict> {
    const owner = await this.#parts.credentials.owner(intent.target, signal);
    if (owner.kind !== 'ok') return failureOf(owner);
    const made = await this.#madeFor(intent, owner.value, note, signal);
    if ('kind' in made) return made;
    const written = await this.#spread(intent, made, note, signal);
    if (written.kind === 'done') this.#made.delete(intent.id);
    if (written.kind !== 'failed') return written;
    // It goes no further: nothing is left behind, as far as that is possible.
    this.#made.delete(intent.id);
    const cleaned = await this.#takeBack(intent, owner.value, made.id, note({}).former, signal);
    if (cleaned.kind === 'done' || cleaned.kind === 'already') note({ made: null });
    return written;
  }

  async cut({ target, handover }: Intent, signal: AbortSignal): Promise<Verdict> {
    const { credentials, stores } = this.#parts;
    const owner = await credentials.owner(target, signal);
    if (owner.kind !== 'ok') return owner.kind === 'gone' ? { kind: 'already' } : owner;
    const listed = await credentials.list(owner.value, signal);
    if (listed.kind !== 'ok') return failureOf(listed);
    // Somebody may have made others meanwhile: then the old one is not where it was, or the only one that works.
    if (!listed.value.some(({ id, isActive }) => isActive && id === handover?.made)) return { kind: 'failed', reason: 'new_is_gone' };
    const stopped = await credentials.stop(owner.value, credentials.idOf(target), signal);
    if (stopped.kind !== 'ok' && stopped.kind !== 'gone') return stopped;
    for (const { store, secrets } of stores) {
      const tidied = await store.tidy?.(secrets[target.identityId!]!, signal);
      if (tidied !== undefined && tidied.kind !== 'ok') return failureOf(tidied);
    }
    return stopped.kind === 'ok' ? done : { kind: 'already' };
  }

  /** The stores as they were, then the new credential away: users that have moved go back first. */
  async takeBack(intent: Intent, signal: AbortSignal): Promise<Verdict> {
    const { handover, target } = intent;
    if (handover === undefined || handover.phase === 'cutting') return { kind: 'failed', reason: 'cannot_be_undone' };
    this.#made.delete(intent.id);
    if (handover.made === null) return { kind: 'already' };
    const owner = await this.#parts.credentials.owner(target, signal);
    if (owner.kind !== 'ok') return failureOf(owner);
    const listed = await this.#parts.credentials.list(owner.value, signal);
    if (listed.kind !== 'ok') return failureOf(listed);
    // Users must not be sent back to what is dead.
    const hasNew = listed.value.some(({ id }) => id === handover.made);
    if (this.#oldIn(listed.value, target, hasNew)?.isActive !== true) return { kind: 'failed', reason: 'old_is_dead' };
    return this.#takeBack(intent, owner.value, handover.made, handover.former, signal);
  }

  /** How the old one stands. */
  async probe({ target, handover }: Intent, signal: AbortSignal): Promise<Liveness> {
    const { credentials } = this.#parts;
    const owner = await credentials.owner(target, signal);
    if (owner.kind !== 'ok') return owner.kind === 'gone' ? 'dead' : 'unknown';
    const listed = await credentials.list(owner.value, signal);
    if (listed.kind !== 'ok') return listed.kind === 'gone' ? 'dead' : 'unknown';
    const hasNew = handover !== undefined && handover.made !== null;
    return this.#oldIn(listed.value, target, hasNew)?.isActive === true ? 'alive' : 'dead';
  }

  #oldIn(listed: readonly Listed[], target: Target, hasNew: boolean): Listed | undefined {
    const { credentials } = this.#parts;
    const id = credentials.idOf(target);
    return listed.find((one) => one.id === id) ?? (credentials.isUnnamed === true && !hasNew && listed.length === 1 ? listed[0] : undefined);
  }

  /** What was made before and has its secret still, or stands in the stores already (`done`); else a new one. */
  async #madeFor(intent: Intent, owner: string, note: (change: Partial<Handover>) => Handover, signal: AbortSignal): Promise<Made | Verdict> {
    const state = intent.handover ?? noHandover;
    const kept = this.#made.get(intent.id);
    if (kept !== undefined && kept.id === state.made) return kept;
    if (state.made !== null) {
      const held = await this.#isEverywhere(intent, state.made, signal);
      if (held.kind !== 'ok') return failureOf(held);
      if (held.value) return done;
      const removed = await this.#parts.credentials.remove(owner, state.made, signal);
      if (removed.kind !== 'ok' && removed.kind !== 'gone') return removed;
      note({ made: null });
    }
    return this.#make(intent, state, owner, note, signal);
  }

  async #make(
    intent: Intent, { before }: Handover, owner: string, note: (change: Partial<Handover>) => Handover, signal: AbortSignal,
  ): Promise<Made | Verdict> {
    const { credentials, now } = this.#parts;
    const listed = await credentials.list(owner, signal);
    if (listed.kind !== 'ok') return failureOf(listed);
    const lost = listed.value.filter((one) => isLost(one, labelOf(intent), before));
    for (const { id } of lost) {
      const removed = await credentials.remove(owner, id, signal);
      if (removed.kind !== 'ok' && removed.kind !== 'gone') return removed;
    }
    const left = listed.value.filter((one) => !lost.includes(one));
    const rest = left.map(({ id }) => id);
    if (this.#oldIn(left, intent.target, false) === undefined) return { kind: 'failed', reason: 'gone' };
    if (rest.length >= credentials.most) return { kind: 'failed', reason: 'no_room_beside' };
    note({ before: { ids: rest, atMs: now() } });
    const made = await credentials.create(owner, labelOf(intent), signal);
    if (made.kind !== 'ok') return failureOf(made);
    this.#made.set(intent.id, made.value);
    note({ made: made.value.id });
    return made.value;
  }

  async #spread(intent: Intent, made: Made, note: (change: Partial<Handover>) => Handover, signal: AbortSignal): Promise<Verdict> {
    const mark = markOf(intent, made.id, 'new');
    for (const [place, { store, secrets, ...fields }] of this.#parts.stores.entries()) {
      const where = secrets[intent.target.identityId!]!;
      const now = await store.read(where, signal);
      if (now.kind !== 'ok') return failureOf(now);
      if (isHeld(now.value, made.id, mark, fields)) continue;
      const content = contentWith(now.value, made, fields);
      if (content === null) return { kind: 'failed', reason: 'store_not_as_configured' };
      const { former } = note({});
      // Of a second attempt the first is what was there before ours.
      if (former.length === place) note({ former: [...former, now.value.version] });
      const written = await store.write(where, { content, over: now.value, mark, isUndo: false }, signal);
      if (written.kind !== 'ok') return failureOf(written);
    }
    return done;
  }

  async #isEverywhere(intent: Intent, id: string, signal: AbortSignal): Promise<Answered<boolean>> {
    const mark = markOf(intent, id, 'new');
    for (const { store, secrets, ...fields } of this.#parts.stores) {
      const now = await store.read(secrets[intent.target.identityId!]!, signal);
      if (now.kind !== 'ok') return now;
      if (!isHeld(now.value, id, mark, fields)) return { kind: 'ok', value: false };
    }
    return { kind: 'ok', value: true };
  }

  async #takeBack(intent: Intent, owner: string, id: string, former: readonly string[], signal: AbortSignal): Promise<Verdict> {
    for (const [place, version] of former.entries()) {
      const used = this.#parts.stores[place];
      const failure = used === undefined ? null : await this.#restore(intent, id, used, version, signal);
      if (failure !== null) return failure;
    }
    const removed = await this.#parts.credentials.remove(owner, id, signal);
    return removed.kind === 'ok' ? done : removed.kind === 'gone' ? { kind: 'already' } : removed;
  }

  /** Only where ours stands still: what somebody wrote over it is his. */
  async #restore(intent: Intent, id: string, { store, secrets, ...fields }: UsedStore, version: string, signal: AbortSignal): Promise<Failure | null> {
    const where = secrets[intent.target.identityId!]!;
    const now = await store.read(where, signal);
    if (now.kind !== 'ok') return failureOf(now);
    if (!isHeld(now.value, id, markOf(intent, id, 'new'), fields)) return null;
    const before: Answered<Value> = await store.read(where, signal, version);
    if (before.kind !== 'ok') return failureOf(before);
    const write = { content: before.value.content, over: now.value, mark: markOf(intent, id, 'back'), isUndo: true };
    const written = await store.write(where, write, signal);
    return written.kind === 'ok' ? null : failureOf(written);
  }
}

/** Made by an attempt of ours of which nothing is known: its secret is lost. Others' are never taken for ours. */
function isLost({ id, createdMs, label }: Listed, ours: string, before: Handover['before']): boolean {
  if (before === null || before.ids.includes(id)) return false;
  return label === null ? createdMs !== null && Math.abs(createdMs - before.atMs) <= skewMs : label === ours;
}

function labelOf({ id }: Intent): string {
  return `tokenward ${id}`;
}

/** 32 characters, the same over all attempts of a write. */
function markOf({ id }: Intent, made: string, what: 'new' | 'back'): string {
  return createHash('sha256').update(`${id} ${made} ${what}`).digest('hex').slice(0, 32);
}

/** The action that a rotation is. */
export function rotationAction({ name, credential, patience, exposure }: RotationSection, parts: RotatorParts): Action {
  const rotator = new Rotator(parts);
  const { effect, delay, rights } = parts.credentials.facts;
  const guarded = (work: (intent: Intent, signal: AbortSignal) => Promise<Verdict>) => async (intent: Intent, signal: AbortSignal): Promise<Verdict> => {
    const unfit = rotator.fits(intent.target);
    // A mistake of ours; its text may hold what it stumbled over.
    return unfit === null ? work(intent, signal).catch(() => ({ kind: 'failed', reason: 'action_error' })) : { kind: 'failed', reason: unfit };
  };
  return {
    name, type: `rotation.${credential.type}`, kinds: ['rotate'],
    facts: {
      effect, delay, rights: `${rights}; to read and write the secret in each store.`, exposureMs: durationMs(exposure) as number,
      undo: 'Until the old one is cut: the stores are put back as they were, and the new credential is deleted.',
    },
    fits: (target, kind) => (kind === 'rotate' ? rotator.fits(target) : 'step_not_supported'),
    perform: guarded((intent, signal) => rotator.cut(intent, signal)),
    undo: guarded((intent, signal) => rotator.takeBack(intent, signal)),
    probe: (intent, signal) => rotator.probe(intent, signal).catch((): Liveness => 'unknown'),
    rotation: {
      patienceMs: durationMs(patience) as number,
      handOver: (intent, note, signal) => guarded((one, limit) => rotator.handOver(one, note, limit))(intent, signal),
    },
  };
}
