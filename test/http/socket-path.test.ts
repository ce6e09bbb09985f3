import { attachSession, createClient } from 'sluice';
import axios from 'axios';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));
const socketPath = path.join(folder, 'server.sock');
const seen: (readonly [url: string | undefined, token: string | undefined])[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer(({ url, headers }, response) => {
    seen.push([url, headers.authorization]);
    response.writeHead(headers.authorization?.endsWith('dead') ? 401 : 200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  seen.length = 0;
});

const session = () =>
  sessionOn(auth.server, {
    initial: { accessToken: 'dead', refreshToken: 'r' },
    refresh: async () => ({ accessToken: 'good' }),
  }).session;
const healed = [
  ['/x', 'Bearer dead'],
  ['/x', 'Bearer good'],
];

describe('a path sent to a socket', () => {
  it('carries the token when http://localhost is a trusted origin', async () => {
    const trustedOrigins = ['http://localhost'];
    const instance = axios.create({ socketPath });
    attachSession(instance, session(), { trustedOrigins });
    await instance.get('/x');
    expect(seen.splice(0)).toEqual(healed);
    await firstValueFrom(createClient({ socketPath, session: session(), trustedOrigins }).get('/x'));
    expect(seen.splice(0)).toEqual(healed);
    const api = createClient({ session: session(), trustedOrigins });
    await firstValueFrom(api.get('/x', { socketPath }));
    expect(seen).toEqual(healed);
  });

  it('is an absolute URL for `authorize`', async () => {
    const urls: string[] = [];
    const proving = sessionOn(auth.server, {
      authorize: (_tokens, { url }) => {
        urls.push(url);
        return {};
      },
    });
    const api = createClient({ socketPath, session: proving.session, trustedOrigins: ['http://localhost'] });
    await firstValueFrom(api.get('/x?a=1'));
    await firstValueFrom(api.get('/x', { params: { b: 2 } }));
    expect(urls).toEqual(['http://localhost/x?a=1', 'http://localhost/x?b=2']);
  });

  it('carries no token when only another origin is trusted, or the page is on another one', async () => {
    const trustedOrigins = ['https://api.example.com'];
    await firstValueFrom(createClient({ socketPath, session: session(), trustedOrigins }).get('/x'));
    const instance = axios.create({ socketPath });
    attachSession(instance, session(), { trustedOrigins });
    await instance.get('/x');
    expect(seen).toEqual([
      ['/x', undefined],
      ['/x', undefined],
    ]);
  });

  it('needs no base URL without a session', async () => {
    await firstValueFrom(createClient({ socketPath }).get('/x'));
    expect(seen).toEqual([['/x', undefined]]);
  });
});
