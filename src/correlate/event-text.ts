import { emptyEvent, type TokenEvent } from '../model/event.ts';

/** Writes events for the store and reads them back, equal field by field. */
export interface EventCodec {
  encode(event: TokenEvent): string;
  decode(text: string): TokenEvent;
}

const template = emptyEvent('', 0);
const fields = Object.keys(template) as (keyof TokenEvent)[];

/** One line of JSON that leaves out what has its value of an empty event. */
export const compactJson: EventCodec = {
  encode(event) {
    const told: Record<string, unknown> = {};
    for (const field of fields) {
      if (event[field] !== template[field]) told[field] = event[field];
    }
    return JSON.stringify(told);
  },
  decode(text) {
    const event = emptyEvent('', 0);
    Object.assign(event, JSON.parse(text));
    return event;
  },
};
