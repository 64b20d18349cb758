import type { Format } from '../format.ts';
import { envoyAccess } from './envoy-access.ts';
import { haproxyHttp } from './haproxy-http.ts';

export const gatewayFormats: readonly Format[] = [envoyAccess, haproxyHttp];
