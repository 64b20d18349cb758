import { hash } from 'node:crypto';
import { eventDocument } from '../model/ecs.ts';
import type { TokenEvent } from '../model/event.ts';
import type { EventRecord, WaitingEvent } from '../store/port.ts';
import type { Sendable } from './sink.ts';

/** An event on its way to a sink. */
export interface OutgoingEvent extends Sendable { readonly document: string }

/**
 * An event as it is kept. Its id is a hash of dataset and event id, so that no provider's id can stand for another's, be too long, or
 * be chosen to hide somebody else's event.
 */
export function eventRecord(event: TokenEvent): EventRecord {
  return { id: hash('sha256', `${event.dataset}\n${event.id}`, 'base64url'), document: JSON.stringify(eventDocument(event)) };
}

export function outgoingEvent({ id, document }: WaitingEvent): OutgoingEvent {
  return { id, version: 1, document };
}
