import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Pair { readonly key: Buffer; readonly certificate: Buffer; readonly keyFile: string; readonly certificateFile: string }

/** X509-SVIDs of one trust domain. */
export interface Certificates {
  readonly ca: Buffer;
  readonly bundleFile: string;
  readonly server: Pair;
  /** Of an administrator. */
  readonly own: Pair;
  /** One more of the same authority. */
  issue(path: string): Pair;
}

/** An authority of its own for each call, until the test ends. `serverPath`: who the server says it is. */
export function certificates(domain: string, serverPath: string): Certificates {
  const made = makeCertificates(domain, serverPath);
  onTestFinished(made.remove);
  return made;
}

export function makeCertificates(domain: string, serverPath: string): Certificates & { remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'tokenward-test-'));
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const [caKey, bundleFile] = [join(dir, 'ca.key'), join(dir, 'bundle.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/O=SPIFFE', '-addext', `subjectAltName=URI:spiffe://${domain}`, '-keyout', caKey, '-out', bundleFile);
  let count = 0;
  const issue = (path: string): Pair => {
    const name = join(dir, String(++count));
    writeFileSync(`${name}.ext`, `subjectAltName=URI:spiffe://${domain}${path}\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('req', '-new', ...newKey, '-subj', '/O=SPIRE', '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl(
      'x509', '-req', '-in', `${name}.csr`, '-CA', bundleFile, '-CAkey', caKey, '-set_serial', String(count), '-days', '1', '-extfile', `${name}.ext`, '-out', `${name}.pem`,
    );
    const [keyFile, certificateFile] = [`${name}.key`, `${name}.pem`];
    return { keyFile, certificateFile, key: readFileSync(keyFile), certificate: readFileSync(certificateFile) };
  };
  return { ca: readFileSync(bundleFile), bundleFile, server: issue(serverPath), own: issue('/ns/soc/sa/tokenward'), issue, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
