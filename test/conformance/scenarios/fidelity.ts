import type { ServerRequest } from '../../support/server-request.ts';
import { holds, same } from '../check.ts';
import type { Hooks } from '../driver.ts';
import type { Section, World } from '../scenario.ts';
import { answers, answerTo, dyingHerd, echoOf, flush, generations, herdBehindRefresh, send, settle } from '../steps.ts';

/** What the server received of a request: all headers except the token, and the body. */
function shown({ rawHeaders, body }: ServerRequest): string[] {
  const headers = rawHeaders.flatMap((name, i) =>
    i % 2 === 1 || /^authorization$/i.test(name) ? [] : [`${name.toLowerCase()}: ${String(rawHeaders[i + 1])}`],
  );
  return [...headers.sort(), body.toString()];
}

async function wrapped({ server, start }: World, order: Hooks['order']): Promise<void> {
  const calls: string[] = [];
  const driver = start({
    hooks: {
      order,
      request: () => calls.push('request'),
      transform: (body) => {
        calls.push('transform');
        return JSON.stringify(body);
      },
      response: (body) => {
        calls.push('response');
        return { unwrapped: body };
      },
    },
  });
  server.expireAccess();
  const { body } = await answerTo(driver, { url: '/api/echo', method: 'POST', json: { a: 'ü' } });
  same('calls', calls, ['request', 'transform', 'response']);
  same(
    'bodies sent',
    server.sent('/api/echo').map((request) => request.body.toString()),
    ['{"a":"ü"}', '{"a":"ü"}'],
  );
  holds('the answer is not what the interceptor made', 'generation' in (body as { unwrapped: object }).unwrapped);
}

export const fidelity: Section = {
  title: 'F. The request that is sent again',
  scenarios: [
    {
      id: '46a',
      title: 'the resend is byte for byte the first request, except for the token',
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const json = { name: 'Zoë', nested: { list: [1, 2, 3] } };
        await answerTo(driver, {
          url: '/api/echo?q=a%20b&q=c',
          method: 'POST',
          json,
          headers: { 'X-Mine': 'yes' },
        });
        const [first, second] = server.sent(({ path }) => path === '/api/echo').map(shown);
        same('the second send', second, first);
        same('the body', first?.at(-1), JSON.stringify(json));
      },
    },
    {
      id: '46b',
      title: 'interceptors and transforms run once a request: registered before the library',
      needs: ['interceptors'],
      run: (world) => wrapped(world, 'before'),
    },
    {
      id: '47',
      title: 'interceptors and transforms run once a request: registered after the library',
      needs: ['interceptors', 'later-interceptors'],
      run: (world) => wrapped(world, 'after'),
    },
    {
      id: '48',
      title: 'a body that can be read only once is never resent as an empty body',
      needs: ['stream'],
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const [outcome] = await settle([send(driver, { url: '/api/echo', method: 'POST', chunks: ['one ', 'two'] })]);
        await flush(server);
        for (const { body, closedEarly } of server.sent('/api/echo'))
          holds(`'${body.toString()}' was sent as the body`, closedEarly || body.toString() === 'one two');
        if (outcome?.kind === 'answer') same('the body answered for', echoOf(outcome.answer)['text'], 'one two');
      },
    },
    {
      id: '49',
      title: 'a response body of null, 0 or nothing, and a 204, are delivered',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.route('/api/zero', () => ({ body: 0 }));
        const expected: [path: string, status: number, bodies: unknown[]][] = [
          ['/api/null', 200, [null]],
          ['/api/zero', 200, [0]],
          ['/api/empty-json', 200, [null, '', undefined]],
          ['/api/empty', 204, [null, '', undefined]],
        ];
        for (const [url, status, bodies] of expected) {
          server.expireAccess();
          const answer = await answerTo(driver, url);
          same(`status of ${url}`, answer.status, status);
          holds(`the body of ${url} is ${JSON.stringify(answer.body)}`, bodies.includes(answer.body));
          same(`generations of ${url}`, generations(server, url).length, 2);
        }
      },
    },
    {
      id: '50a',
      title: 'the caller’s own Authorization is kept, and its 401 starts no refresh',
      needs: ['attaches-token'],
      async run({ server, start }) {
        const driver = start();
        const own = { Authorization: 'Basic YTpi' };
        await answerTo(driver, { url: '/public/echo', headers: own });
        await settle([send(driver, { url: '/api/echo', headers: own })]);
        await flush(server);
        const seen = server.sent(({ url }) => url.endsWith('/echo')).map(({ headers }) => headers.authorization);
        same('Authorization sent', seen, ['Basic YTpi', 'Basic YTpi']);
        same('refreshes', server.refreshes.length, 0);
      },
    },
    {
      id: '50b',
      title: 'a request that opts out carries no token, does not wait for a refresh, and gets its own 401',
      needs: ['opt-out'],
      async run({ server, start }) {
        const driver = start();
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        await answers([send(driver, { url: '/public/echo', session: false })]);
        same(
          'its token',
          server.sent('/public/echo').map(({ tokenState }) => tokenState),
          ['none'],
        );
        const [refused] = await settle([send(driver, { url: '/api/echo?n=out', session: false })]);
        same('a protected path answers it with', refused?.kind, 'error');
        refresh.release();
        await answers(sent);
        same('refreshes', server.refreshes.length, 1);
      },
    },
    {
      id: '51a',
      title:
        'the response options of the caller hold for the resend: the form of the body, and which statuses are success',
      async run({ server, start }) {
        const driver = start({ cooldownMs: 0 });
        server.expireAccess();
        const text = await answerTo(driver, { url: '/api/null', asText: true });
        same('the body as text', text.body, 'null');
        server.expireAccess();
        const missing = await answerTo(driver, { url: '/api/status/404', accepts: (status) => status === 404 });
        same('the status', missing.status, 404);
      },
    },
    {
      id: '51b',
      title: 'upload progress starts anew and reaches the end',
      needs: ['progress'],
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const json = 'x'.repeat(200_000);
        const loaded: number[] = [];
        await answerTo(driver, { url: '/api/echo', method: 'POST', json, onUpload: (n) => loaded.push(n) });
        const total = server.sent('/api/echo').at(-1)?.body.length ?? 0;
        same('the last progress', loaded.at(-1), total);
        holds(
          `progress is beyond the end: ${loaded.join(', ')}`,
          loaded.every((n) => n <= total),
        );
      },
    },
    {
      id: '52a',
      title: 'a POST that was answered 401 was not carried out, and is sent again',
      async run({ server, start }) {
        let carriedOut = 0;
        server.route('POST /api/orders', () => {
          carriedOut += 1;
          return { status: 201, body: { carriedOut } };
        });
        const driver = start();
        server.expireAccess();
        const answer = await answerTo(driver, { url: '/api/orders', method: 'POST', json: { item: 1 } });
        same('status', answer.status, 201);
        same('orders', carriedOut, 1);
      },
    },
    {
      id: '52b',
      title: 'a POST that forbids it is not resent after a 401',
      needs: ['no-resend'],
      async run({ server, start }) {
        const driver = start();
        server.expireAccess();
        const once = send(driver, { url: '/api/orders', method: 'POST', json: { item: 1 }, resend: false });
        const [outcome] = await settle([once]);
        await flush(server);
        same('outcome', outcome?.kind, 'error');
        same('sends', generations(server, '/api/orders'), [1]);
        await answers((await dyingHerd(server, driver, 1)).sent);
      },
    },
  ],
};
