import { z } from 'zod';
import { text, texts } from './schema-words.ts';
import type * as shapes from './shapes.ts';

const enforcedRule = z.strictObject({ rule: text, hash: text, match: text, plan: texts, isInForce: z.boolean(), by: texts }).meta({ id: 'EnforcedRule' });
export const enforcement: z.ZodType<shapes.EnforcementAnswer> = z.strictObject({ rules: z.array(enforcedRule) });
export const covered: z.ZodType<shapes.CoveredAnswer> = z.strictObject({ seen: text, intents: texts });
export const incidentAnswer: z.ZodType<shapes.IncidentAnswer> = z.strictObject({ incidentId: text });
