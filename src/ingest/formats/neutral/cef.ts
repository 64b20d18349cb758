import { firstOf, path } from '../../paths.ts';
import { defineFormat, shape } from '../format.ts';
import { cefLine } from './cef-line.ts';
import { isUnclaimed, securityEvent } from './security-event.ts';

const id = 'cef';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

/** Keys of the dictionary. Custom values are read where their label says what they are. */
const fields = {
  vendor: path('vendor'), product: path('product'), signature: path('signature'), name: path('name'),
  time: any('rt', 'deviceReceiptTime'), start: any('start', 'startTime'), end: any('end', 'endTime'),
  source: any('src', 'sourceAddress', 'c6a2', 'shost'), sourcePort: any('spt', 'sourcePort'),
  user: any('suser', 'sourceUserName'), userId: any('suid', 'sourceUserId'), targetUser: any('duser', 'destinationUserName'),
  targetId: any('duid', 'destinationUserId'),
  action: any('act', 'deviceAction'), category: any('cat', 'deviceEventCategory'), outcome: any('outcome', 'eventOutcome'), reason: any('reason', 'msg'),
  method: path('requestMethod'), url: any('request', 'requestUrl'), host: any('dhost', 'destinationHostName'), agent: path('requestClientApplication'),
  bytesOut: any('out', 'bytesOut'), requestId: path('externalId'), service: any('destinationServiceName', 'sourceServiceName', 'app'),
  resource: any('filePath', 'fname'),
  token_id: path('token_id'), issuer: path('issuer'), client_id: path('client_id'), token_sha256: path('token_sha256'),
};

export const cef = defineFormat({
  id,
  title: 'Common Event Format',
  describe: 'CEF lines (Implementing ArcSight Common Event Format), bare or behind a syslog header. Products with a format of their own are left to it.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Events of signing in are the verdict by outcome; of others authenticated is absent.',
    'out is taken for the bytes from destination to source, as the dictionary says; whether headers count is the product\'s choice.',
    'The dictionary has no key for a token: give it a custom string and say so in its label, cs1Label=tokenId cs1=<jti> (also issuer, clientId, '
      + 'tokenSha256). The issuer is that, else the source\'s only configured one.',
  ],
  shapes: [shape({
    kind: 'text', grammar: cefLine, fields, recognize: ({ vendor }) => isUnclaimed(vendor), normalize: (values, context) => securityEvent(id, values, context),
  })],
});
