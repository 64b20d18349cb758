import type { SendStream, StreamAnswer, StreamProtocol } from '../outbound/stream.ts';
import { factsOf, type AlertFacts } from './alert-facts.ts';
import { cefLine } from './formats/cef.ts';
import { leefLine } from './formats/leef.ts';
import { ocsfLine } from './formats/ocsf.ts';
import type { Built, Outcome, Outgoing, Prepared, Sink, Unfit } from './sink.ts';

export type SyslogFormat = 'cef' | 'leef' | 'ocsf';

export interface SyslogOptions {
  readonly name: string;
  readonly protocol: StreamProtocol;
  readonly format: SyslogFormat;
  /** 0 to 23. */
  readonly facility: number;
  /** This machine, as the other side is to know it. */
  readonly hostname: string;
  readonly productVersion: string;
  /** Of one message, its header included: receivers cut off what is longer than they take. */
  readonly maxBytes: number;
}

/** Messages as they go over the wire, framed where the protocol needs that. */
export type SyslogRequest = readonly Buffer[];

const lines: Readonly<Record<SyslogFormat, (alert: AlertFacts, productVersion: string, maxBytes: number) => string | null>> =
  { cef: cefLine, leef: leefLine, ocsf: ocsfLine };

/** Alerts as messages of RFC 5424. `send` is a client of the receiver for the same protocol. */
export function syslogSink(options: SyslogOptions, send: SendStream): Sink<SyslogRequest, StreamAnswer> {
  return {
    name: options.name, wants: 'told', lane: 'prompt', concurrency: 1, batchSize: options.protocol === 'udp' ? 64 : 256,
    build: (documents) => buildSyslog(documents, options),
    send: (messages, signal) => send(messages, signal),
    classify: classifySyslog,
    close: () => Promise.resolve(),
  };
}

/** One request for all that fit. Over TCP and TLS each message is preceded by its length (RFC 6587, RFC 5425); a datagram is one message (RFC 5426). */
export function buildSyslog(documents: readonly Outgoing[], options: SyslogOptions): Built<SyslogRequest> {
  const unfit: Unfit[] = [];
  const request: Buffer[] = [];
  const fit: Outgoing[] = [];
  for (const document of documents) {
    const message = syslogMessage(factsOf(document), options);
    if (message === null) {
      unfit.push({ document, reason: 'too_large' });
      continue;
    }
    request.push(options.protocol === 'udp' ? message : Buffer.concat([Buffer.from(`${message.length} `), message]));
    fit.push(document);
  }
  const prepared: Prepared<SyslogRequest>[] = fit.length === 0 ? [] : [{ request, documents: fit }];
  return { prepared, unfit };
}

/**
 * `<PRI>1 TIME HOST tokenward - MSGID - MSG`. The time is that at which the alert was last worth telling, the message's id the detector. Without
 * the byte order mark that RFC 5424 wants before UTF-8, since many parsers of CEF and LEEF look for their first letters.
 */
export function syslogMessage(alert: AlertFacts, { format, facility, hostname, productVersion, maxBytes }: SyslogOptions): Buffer | null {
  const severity = { critical: 2, high: 3, medium: 4, low: 5 }[alert.severityName];
  const time = new Date(alert.toldMs).toISOString();
  const header = `<${facility * 8 + severity}>1 ${time} ${word(hostname, 255)} tokenward - ${word(alert.detector, 32)} - `;
  const line = lines[format](alert, productVersion, maxBytes - Buffer.byteLength(header));
  return line === null ? null : Buffer.from(header + line);
}

/** Printable ASCII without blanks; `-` where nothing is left. */
function word(text: string, length: number): string {
  return text.replaceAll(/[^!-~]/g, '_').slice(0, length) || '-';
}

/** Nobody answers by syslog: all of them went, or it is not known which. */
export function classifySyslog(documents: readonly Outgoing[], answer: StreamAnswer): Outcome {
  if (answer.kind === 'failed') return { kind: 'retry', reason: answer.reason };
  return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
}
