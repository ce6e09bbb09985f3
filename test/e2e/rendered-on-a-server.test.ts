import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { serveExample, type RunningExample } from '../../examples/angular/server/serve.ts';

interface Rendered {
  readonly user: string;
  readonly html: string;
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string };
}

const script = fileURLToPath(new URL('render.mjs', import.meta.url));
const run = promisify(execFile);

describe('an application that a server renders', () => {
  let running: RunningExample;
  let dist: string;
  beforeEach(async () => {
    const built = inject('angularExample');
    if (typeof built !== 'string') throw new Error(built.reason);
    dist = built;
    running = await serveExample(built, 0, 300);
  });
  afterEach(() => {
    running.server.closeAllConnections();
    running.server.close();
  });

  /** Resolves when the process exits, which nothing may keep alive. */
  async function render(...users: string[]): Promise<Rendered[]> {
    // The script is next to the application, whose packages it imports.
    const copy = path.join(dist, '../render.mjs');
    await copyFile(script, copy);
    const { stdout, stderr } = await run(process.execPath, [copy, running.url, ...users], { timeout: 20_000 });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Rendered[];
  }

  it('is rendered after the calls of HttpClient and of the client have ended, and no later', async () => {
    const [page] = await render('ada');
    expect(page?.html).toContain('<h1>ada</h1><p>Hello ada</p><p>Hello ada</p>');
    expect(running.api.counts).toMatchObject({ requests: 2, unauthorized: 0, refreshes: 0 });
  });

  it('is rendered for two people at once, each with a session of their own, and waits for a refresh', async () => {
    const pages = await render('ada', 'dead-ben', 'cleo');
    const secrets = pages.flatMap(({ tokens }) => [tokens.refreshToken, tokens.accessToken]);
    for (const { user, html } of pages) {
      expect(html).toContain(`<h1>${user}</h1><p>Hello ${user}</p><p>Hello ${user}</p>`);
      const others = pages.map((page) => page.user).filter((other) => other !== user);
      for (const foreign of [...secrets, ...others]) expect(html).not.toContain(foreign);
    }
    expect(running.api.counts).toMatchObject({ requests: 8, unauthorized: 2, refreshes: 1 });
  });
});
