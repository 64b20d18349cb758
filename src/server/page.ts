import type { FastifyInstance } from 'fastify';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const maxFiles = 500;
const maxBytes = 32 << 20;
const maxDepth = 4;

/** Scripts and styles of our own only; nothing of other hosts; no text becomes markup. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
  + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.ico': 'image/x-icon', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8', '.woff2': 'font/woff2',
};

const absent = `<!doctype html><html lang="en"><title>Tokenward</title><h1>The live page is not built</h1>
<p>The service runs. In a checkout, <code>npm run page</code> builds the page; then start the service again.</p></html>`;

/** Built names carry a hash of the content, so they never change. */
const isHashed = (path: string): boolean => /^assets\/.*-[\w-]{8,}\.\w+$/.test(path);

/**
 * Serves the files of a folder, read once: a request names one of them or nothing. Without a built page there, a plain one says
 * how to build it.
 */
export function addPage(server: FastifyInstance, dir: string | null): void {
  const files = dir === null ? new Map<string, Buffer>() : readFiles(dir);
  const index = files.get('index.html') ?? Buffer.from(absent);
  const serve = (url: string, path: string, content: Buffer): void => {
    const type = types[extname(path)];
    if (type === undefined) return;
    server.get(url, (_, reply) => reply
      .headers({ 'content-security-policy': policy, 'cache-control': isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache' })
      .header('content-type', type).send(content));
  };
  serve('/', 'index.html', index);
  for (const [path, content] of files) if (path !== 'index.html' && /^[\w./-]+$/.test(path)) serve(`/${path}`, path, content);
}

function readFiles(dir: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  const walk = (folder: string, prefix: string, depth: number): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < maxDepth) walk(path, `${prefix}${entry.name}/`, depth + 1);
      if (!entry.isFile()) continue;
      bytes += statSync(path).size;
      if (files.size >= maxFiles || bytes > maxBytes) throw new Error(`${dir} holds more than a page: ${maxFiles} files or ${maxBytes} bytes`);
      files.set(`${prefix}${entry.name}`, readFileSync(path));
    }
  };
  try {
    walk(dir, '', 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return files;
}
