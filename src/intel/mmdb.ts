/** MaxMind DB files that an operator mounts: fresher than the embedded table. The only file that knows the maxmind package. */
import { readFileSync } from 'node:fs';
import { Reader, type Response } from 'maxmind';

/** The names that the usual publishers give to the same facts. */
interface Entry {
  readonly autonomous_system_number?: unknown;
  readonly autonomous_system_organization?: unknown;
  readonly asn?: unknown;
  readonly as_name?: unknown;
  readonly country?: unknown;
  readonly registered_country?: unknown;
  readonly country_code?: unknown;
}

export class Mmdb {
  readonly file: string;
  /** When the file was built, epoch ms. */
  readonly builtAtMs: number;
  readonly #reader: Reader<Response>;

  /** Throws when the file is missing or no MaxMind DB. */
  constructor(file: string) {
    this.file = file;
    try {
      this.#reader = new Reader<Response>(readFileSync(file));
    } catch (error) {
      throw new Error(`${file}: cannot be read as a MaxMind DB`, { cause: error });
    }
    this.builtAtMs = this.#reader.metadata.buildEpoch.getTime();
  }

  /** ASN and organization of a canonical address. */
  asOf(ip: string): { asNumber: number | null; asOrganization: string | null } {
    const entry = this.#get(ip);
    const asNumber = entry.autonomous_system_number ?? entry.asn;
    return { asNumber: toAsNumber(asNumber), asOrganization: text(entry.autonomous_system_organization ?? entry.as_name) };
  }

  /** Two-letter code of the country, of its registration where nothing better is known. */
  countryOf(ip: string): string | null {
    const entry = this.#get(ip);
    return isoCode(entry.country) ?? isoCode(entry.country_code) ?? isoCode(entry.registered_country);
  }

  #get(ip: string): Entry {
    try {
      return (this.#reader.get(ip) as Entry | null) ?? {};
    } catch {
      // A file of IPv4 addresses alone throws on others: it knows nothing of them.
      return {};
    }
  }
}

function toAsNumber(value: unknown): number | null {
  const asNumber = typeof value === 'string' && value.startsWith('AS') ? Number(value.slice(2)) : value;
  return typeof asNumber === 'number' && Number.isInteger(asNumber) && asNumber > 0 ? asNumber : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isoCode(value: unknown): string | null {
  const code = typeof value === 'object' && value !== null && 'iso_code' in value ? value.iso_code : value;
  return typeof code === 'string' && code.length === 2 ? code : null;
}
