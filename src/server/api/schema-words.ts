import { z } from 'zod';

// What all schemas of the API are made of.

export const text = z.string();
export const texts = z.array(text);
export const maybeText = text.nullable();
export const number = z.number();
export const time = z.number().meta({ description: 'epoch milliseconds, UTC' });
export const maybeTime = time.nullable();
