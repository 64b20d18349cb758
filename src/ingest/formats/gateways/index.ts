import type { Format } from '../format.ts';
import { apacheAccess } from './apache-access.ts';
import { caddyAccess } from './caddy-access.ts';
import { envoyAccess } from './envoy-access.ts';
import { haproxyHttp } from './haproxy-http.ts';
import { nginxAccess } from './nginx-access.ts';
import { traefikAccess } from './traefik-access.ts';

export const gatewayFormats: readonly Format[] = [envoyAccess, haproxyHttp, nginxAccess, apacheAccess, traefikAccess, caddyAccess];
