import type { Format } from '../format.ts';
import { apacheAccess } from './apache-access.ts';
import { apigeeAccess } from './apigee-access.ts';
import { apisixAccess } from './apisix-access.ts';
import { caddyAccess } from './caddy-access.ts';
import { cloudflareHttp } from './cloudflare-http.ts';
import { envoyAccess } from './envoy-access.ts';
import { fastlyAccess } from './fastly-access.ts';
import { haproxyHttp } from './haproxy-http.ts';
import { kongHttpLog } from './kong-http-log.ts';
import { litellm } from './litellm.ts';
import { nginxAccess } from './nginx-access.ts';
import { oauth2Proxy } from './oauth2-proxy.ts';
import { pomeriumAccess } from './pomerium-access.ts';
import { traefikAccess } from './traefik-access.ts';

export const gatewayFormats: readonly Format[] = [
  envoyAccess, haproxyHttp, nginxAccess, apacheAccess, traefikAccess, caddyAccess, kongHttpLog, apisixAccess, apigeeAccess, cloudflareHttp, fastlyAccess,
  litellm, oauth2Proxy, pomeriumAccess,
];
