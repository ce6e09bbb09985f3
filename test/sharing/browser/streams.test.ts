import { build } from 'esbuild';
import type { Page } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventsReply, routeEvents } from '../../streams/live-server.ts';
import { type AuthServer, startAuthServer } from '../../support/auth-server.ts';
import { describeInBrowsers } from './browsers.ts';
import type { StreamPage } from './stream-page.ts';

const bundle = build({
  entryPoints: [new URL('stream-page.ts', import.meta.url).pathname],
  bundle: true,
  write: false,
  format: 'iife',
  conditions: ['sluice-source'],
}).then(({ outputFiles }) => outputFiles[0]!.text);

describeInBrowsers('a live stream in $name', (browser) => {
  const path = '/api/events';
  let server: AuthServer;
  let page: Page;
  beforeEach(async () => {
    const script = await bundle;
    server = await startAuthServer({ waitMs: 20_000 });
    server.route('GET /page', () => ({
      headers: { 'content-type': 'text/html' },
      body: '<!doctype html><title>streams</title><script src="/page.js"></script>',
    }));
    server.route('GET /page.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: script }));
    page = await browser().newPage();
    await page.goto(`${server.url}/page`);
    await page.evaluate(() => globalThis.streams.signIn('ada'));
  });
  afterEach(async () => {
    await page.close();
    await server.close();
  });
  const take = (...args: Parameters<StreamPage['take']>): Promise<unknown[]> =>
    page.evaluate((...given: Parameters<StreamPage['take']>) => globalThis.streams.take(...given), ...args);

  it('of events refreshes a dead token on connecting, and closes its connection when it is unsubscribed', async () => {
    routeEvents(server, path, { parts: ['id: 1\ndata: a\n\n', 'data: ü…\n\n'] });
    server.expireAccess();
    expect(await take('eventStream', path, 2)).toEqual([
      ['a', '1'],
      ['ü…', '1'],
    ]);
    expect(server.refreshes).toHaveLength(1);
    const [closed] = await server.closed(path, 1);
    expect(closed).toBe(server.sent(path)[1]);
  });

  it('of events connects again after its end with the last id as UTF-8, and refreshes a token that died meanwhile', async () => {
    server.route(path, (request, closing) => {
      const isFirst = request.headers['last-event-id'] === undefined;
      if (isFirst) server.expireAccess();
      return eventsReply(
        { parts: [isFirst ? 'id: 7…\nretry: 10\ndata: a\n\n' : 'data: b\n\n'], ends: isFirst },
        closing,
      );
    });
    expect(await take('eventStream', path, 2)).toEqual([
      ['a', '7…'],
      ['b', '7…'],
    ]);
    const ids = server.sent(path).map(({ headers }) => headers['last-event-id']);
    expect(ids.map((id) => id && Buffer.from(String(id), 'latin1').toString())).toEqual([undefined, '7…', '7…']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.reuse).toEqual([]);
  });

  it('of events connects again when its connection breaks, and loses and doubles none', async () => {
    server.route(path, (request, closing) => {
      const last = request.headers['last-event-id'];
      const events = [`id: 1\nretry: 10\ndata: a\n\n${':'.repeat(100)}\n`, 'id: 2\ndata: b\n\n'].slice(
        Number(last ?? 0),
      );
      if (server.sent(path).length > 1) return eventsReply({ parts: events }, closing);
      // Sends the first event and breaks. The browser may discard what had arrived: then the server is asked for it again.
      const body = Buffer.from(events.join(''));
      return { headers: { 'content-type': 'text/event-stream' }, body, fault: 'half-body' };
    });
    expect(await take('eventStream', path, 2)).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(server.sent(path)).toHaveLength(2);
  });

  it.each([
    ['lines', [{ n: 1 }, { text: 'ü' }]],
    ['text', ['{"n":1}\n{"text":"ü"}\n']],
  ] as const)(
    'of %s arrives while the response is open, with its connection closed after it',
    async (kind, elements) => {
      server.route(path, (_request, closing) => ({
        headers: { 'content-type': 'application/x-ndjson' },
        body: (async function* () {
          yield '{"n":1}\n{"text":"ü"}\n';
          await new Promise((resolve) => {
            closing.addEventListener('abort', resolve);
          });
        })(),
      }));
      server.expireAccess();
      expect(await take(kind, path, elements.length)).toEqual(elements);
      expect(server.refreshes).toHaveLength(1);
      await server.closed(path, 1);
    },
  );
});
