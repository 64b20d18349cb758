import type { Alert } from '../model/alert.ts';
import type { Command } from '../store/port.ts';
import type { Decided, DecidedEpisode } from './decided.ts';
import type { Denials } from './denials.ts';
import type { Detection } from './detection.ts';
import type { EffectsBuffer } from './effects.ts';
import type { Episode, Episodes } from './episodes.ts';
import type { Exceptions } from './exceptions.ts';
import type { OwnCalls } from './own-calls.ts';
import type { Recorder } from './recorder.ts';
import { settleShadows } from './shadows.ts';

type AlertCommand = Extract<Command, { alertId: string }>;

export interface CommandParts {
  readonly detection: Detection;
  readonly episodes: Episodes;
  readonly denials: Denials;
  /** What was closed and can be opened again. */
  readonly decided: Decided;
  readonly effects: EffectsBuffer;
  readonly recorder: Recorder;
  /** What nobody is told of. */
  readonly exceptions: Exceptions;
  readonly ownCalls?: OwnCalls;
  /** An alert as the store has it. */
  readonly storedAlert: (id: string) => Alert | null;
}

/**
 * What operators decide takes effect here, at the place that the journal names. An alert whose episode is still undecided, or can be again,
 * is part of the state; following the journal brings it to the same version again. Any other is only in the store: there a command that
 * was taken before has done its work, and does nothing when it is followed.
 */
export class Commands {
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  apply(command: Command, wasTaken: boolean): void {
    if (!('alertId' in command)) {
      this.#noteOwn(command);
      return;
    }
    const { episodes, decided, effects, storedAlert, exceptions } = this.#parts;
    if (command.kind === 'quiet') exceptions.quiet(command.exception);
    const found = episodes.find(command.alertId);
    const closed = decided.get(command.alertId);
    if (found !== undefined) this.#decide(command, found.episode, found.detector, found.identity);
    else if (closed !== undefined) this.#decideAgain(command, closed);
    else {
      const alert = wasTaken ? null : effects.pendingAlert(command.alertId) ?? storedAlert(command.alertId);
      if (alert !== null) effects.alert(after(structuredClone(alert), command));
    }
  }

  #noteOwn(command: Exclude<Command, AlertCommand>): void {
    const { ownCalls } = this.#parts;
    if (command.kind === 'own-call') ownCalls?.note(command.call);
    else if (command.kind === 'own-watch') ownCalls?.watchFrom(command.atMs);
    else if (command.kind === 'own-names') ownCalls?.learn(command.action, command.names);
  }

  #decide(command: AlertCommand, episode: Episode, detector: string, identity: string): void {
    const { detection, episodes, denials, decided, effects, recorder } = this.#parts;
    after(episode.alert, command);
    effects.alert(episode.alert);
    if (command.kind !== 'close') {
      episodes.keep(detector, identity, episode);
      return;
    }
    const isTheft = command.as === 'theft';
    if (isTheft) denials.add(identity, episode.deviates, episode.alert);
    const index = detection.indexOf(detector);
    if (index >= 0) {
      decided.keep(detection, episodes, episode, { detector, identity, as: command.as });
      settleShadows(detection, episodes, { index, detector, identity, episode }, isTheft ? 'drop' : 'accept');
    }
    episodes.close(detector, identity);
    recorder.closed(episode.alert);
  }

  /** Of an alert that was closed. */
  #decideAgain(command: AlertCommand, closed: DecidedEpisode): void {
    const { detection, episodes, denials, decided, effects } = this.#parts;
    const { episode: { alert, deviates }, identity, as } = closed;
    after(alert, command);
    effects.alert(alert);
    if (command.kind !== 'reopen') {
      decided.changed(closed);
      return;
    }
    if (as === 'theft') denials.takeBack(identity, deviates, alert);
    decided.restore(detection, episodes, closed);
  }
}

/** Further ones are left out. */
const maxNotes = 50;
const maxClaims = 10;

/** The alert as the command leaves it, one version on. */
function after(alert: Alert, command: AlertCommand): Alert {
  alert.version++;
  switch (command.kind) {
    case 'close':
      alert.status = 'closed';
      alert.closedAs = command.as;
      break;
    case 'reopen':
      alert.status = 'open';
      delete alert.closedAs;
      break;
    case 'acknowledge':
      if (alert.status === 'open') alert.status = 'acknowledged';
      break;
    case 'assign':
      if (command.owner === null) delete alert.owner;
      else alert.owner = command.owner;
      break;
    case 'note':
      if ((alert.notes ??= []).length < maxNotes) alert.notes.push(command.note);
      break;
    case 'claim':
      if ((alert.claims ??= []).length < maxClaims && !alert.claims.some(({ by }) => by === command.note.by)) alert.claims.push(command.note);
      break;
    case 'quiet': {
      const { fromMs, untilMs } = command.exception;
      if (untilMs > fromMs) alert.quietUntilMs = untilMs;
      else delete alert.quietUntilMs;
      break;
    }
    case 'amend':
  }
  return alert;
}
