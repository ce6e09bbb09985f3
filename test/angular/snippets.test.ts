import { HttpClient } from '@angular/common/http';
import { readFileSync } from 'node:fs';
import { firstValueFrom, type Observable } from 'rxjs';
import { SESSION } from 'sluice/angular';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { appConfig } from '../../examples/snippets/angular-config.ts';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, dyingHerd, pageAt } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it.each(['examples/snippets/angular-config.ts', 'test/angular/how-to-test.test.ts'])(
  'docs/angular.md contains the code of %s',
  (file) => {
    const shown = codeBlocks('docs/angular.md').map(({ code }) => `${code}\n`);
    expect(shown).toContain(readFileSync(file, 'utf8'));
  },
);

describe('The snippet angular-config.ts', () => {
  it('serves a dozen requests with a dead token by one refresh', async () => {
    const { server } = auth;
    // Node has no page that relative URLs could be resolved against.
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (url: string, init?: RequestInit) => fetch(new URL(url, server.url), init));
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const injector = app([...appConfig.providers, pageAt(server.url)]);
    await injector.get(SESSION).signIn(server.login());
    const get = (path: string): Observable<unknown> => injector.get(HttpClient).get(server.url + path);
    await firstValueFrom(get('/api/echo'));
    const herd = await dyingHerd(server, { get }, 12);
    expect(await Promise.all(herd.map(async ({ outcome }) => (await outcome).kind))).toEqual(
      Array(12).fill('complete'),
    );
    expect(server.refreshes).toMatchObject([{ outcome: 'issued' }]);
  });
});
