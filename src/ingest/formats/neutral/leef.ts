import { firstOf, path } from '../../paths.ts';
import { defineFormat, shape } from '../format.ts';
import { leefLine } from './leef-line.ts';
import { isUnclaimed, securityEvent } from './security-event.ts';

const id = 'leef';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

/** Predefined attributes, and those beside them that products commonly add. */
const fields = {
  vendor: path('vendor'), product: path('product'), signature: path('signature'), name: any('eventName', 'name'),
  time: path('devTime'), start: any('startTime', 'start'), end: any('endTime', 'end'), source: any('src', 'identSrc', 'srcPreNAT'), sourcePort: path('srcPort'),
  user: any('usrName', 'identUserName', 'accountName'), userId: any('usrId', 'userId'), targetUser: any('targetUser', 'dstUser'),
  targetId: path('targetUserId'),
  action: any('action', 'act'), category: path('cat'), outcome: any('outcome', 'result', 'status'), reason: any('reason', 'msg'),
  method: any('method', 'requestMethod'),
  url: any('url', 'request'), host: any('dstHost', 'host'), agent: any('userAgent', 'identAgent'), bytesOut: path('dstBytes'),
  requestId: any('requestId', 'externalId'),
  service: any('service', 'application'), resource: path('resource'),
  token_id: any('token_id', 'jti', 'tokenId'), issuer: any('issuer', 'iss'), client_id: any('client_id', 'clientId'),
  token_sha256: any('token_sha256', 'tokenSha256'),
};

export const leef = defineFormat({
  id,
  title: 'Log Event Extended Format',
  describe: 'LEEF 1.0 and 2.0 lines (IBM QRadar: LEEF event components), bare or behind a syslog header. Products with a format of their own are left to it.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Events of signing in are the verdict by outcome (or result, status); of others authenticated is absent.',
    'dstBytes are taken for the bytes that the destination sent; whether headers count is the product\'s choice.',
    'Name the token by attributes of your own: jti (or tokenId), iss, clientId, tokenSha256. The issuer is iss, else the source\'s only configured one.',
  ],
  shapes: [shape({
    kind: 'text', grammar: leefLine, fields, recognize: ({ vendor }) => isUnclaimed(vendor), normalize: (values, context) => securityEvent(id, values, context),
  })],
});
