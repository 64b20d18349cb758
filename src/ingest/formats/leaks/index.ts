import type { Format } from '../format.ts';
import { githubSecretScanning } from './github-secret-scanning.ts';
import { gitguardianIncident } from './gitguardian-incident.ts';
import { trufflehog } from './trufflehog.ts';

export const leakFormats: readonly Format[] = [gitguardianIncident, trufflehog, githubSecretScanning];
