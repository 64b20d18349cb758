import type { Format } from '../format.ts';
import { cef } from './cef.ts';
import { ecs } from './ecs.ts';
import { leef } from './leef.ts';
import { ocsf } from './ocsf.ts';
import { otlpLogs } from './otlp-logs.ts';

export const neutralFormats: readonly Format[] = [ecs, ocsf, otlpLogs, cef, leef];
