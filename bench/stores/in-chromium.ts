import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { realBrowsers } from '../../test/sharing/browser/browsers.ts';
import type { PageFigures } from './page.ts';

/** Measures in a page of a whole Chromium. A string says why there is none. */
export async function inChromium(repeats: number): Promise<PageFigures | string> {
  const chromium = realBrowsers.find(({ name }) => name === 'Chromium');
  if (chromium?.missing !== undefined || !chromium) return chromium?.missing ?? 'there is no Chromium';
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  // Over HTTP: a page of its own origin has IndexedDB.
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>bench</title><script>${outputFiles[0]?.text ?? ''}</script>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await chromium.launch();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    return await page.evaluate((count) => globalThis.measure(count), repeats);
  } finally {
    await browser.close();
    server.close();
  }
}
