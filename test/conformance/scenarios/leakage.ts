import type { AuthServer } from '../../support/auth-server.ts';
import { findTokens } from '../../support/no-token.ts';
import { bearerToken } from '../../support/request-log.ts';
import { holds, same } from '../check.ts';
import type { Section } from '../scenario.ts';
import { answers, answerTo, dyingHerd, errors, herdBehindRefresh, send, settle } from '../steps.ts';

/** How many of the requests of `seen` hold a secret of `owner`, anywhere. */
function leaks(seen: AuthServer, owner: AuthServer): number {
  const secrets = owner.secrets();
  return seen.requests.filter(({ url, rawHeaders, body }) => {
    const all = [url, ...rawHeaders, body.toString()].join('\n');
    return secrets.some((secret) => all.includes(secret));
  }).length;
}

/** A URL of the `other` server whose userinfo is the origin of `server`: a comparison by prefix would trust it. */
function asUserOf(server: AuthServer, other: AuthServer): string {
  return `${server.url}@127.0.0.1:${new URL(other.url).port}/public/echo`;
}

export const leakage: Section = {
  title: 'G. Who sees the token',
  scenarios: [
    {
      id: '53',
      title: 'a request to an absolute URL of another origin carries no token',
      needs: ['attaches-token'],
      async run({ server, start, elsewhere }) {
        const other = await elsewhere();
        const driver = start();
        await answerTo(driver, `${other.url}/public/echo`);
        await answerTo(driver, `${server.url}/api/echo`);
        same('requests there', other.requests.length, 1);
        same('of these with a token', leaks(other, server), 0);
      },
    },
    {
      id: '54',
      title:
        'a URL that only resembles the API gets no token: its origin as userinfo, another name of the machine, //host',
      needs: ['attaches-token'],
      async run({ server, start, elsewhere }) {
        const other = await elsewhere();
        const driver = start();
        await settle([
          send(driver, asUserOf(server, other)),
          send(driver, other.url.replace('http:', '')),
          send(driver, `${server.url.replace('127.0.0.1', 'localhost')}/public/alias`),
        ]);
        same('requests elsewhere with a token', leaks(other, server), 0);
        same(
          'tokens sent to an alias',
          server.sent('/public/alias').map(({ tokenState }) => tokenState),
          ['none'],
        );
      },
    },
    {
      id: '55a',
      title: 'a redirect to another origin carries no token in Authorization',
      async run({ server, start, elsewhere }) {
        const other = await elsewhere();
        const to = encodeURIComponent(`${other.url}/public/echo`);
        await answerTo(start(), `/api/redirect?to=${to}`);
        same('requests there', other.requests.length, 1);
        same('of these with a token', leaks(other, server), 0);
      },
    },
    {
      id: '55b',
      title: 'a redirect to another origin carries no token in a header of its own',
      needs: ['token-header'],
      server: { readToken: (headers) => bearerToken(headers) ?? String(headers['x-access-token']) },
      async run({ server, start, elsewhere }) {
        const other = await elsewhere();
        const to = encodeURIComponent(`${other.url}/public/echo`);
        const driver = start({ tokenHeader: 'X-Access-Token' });
        await answerTo(driver, `/api/redirect?to=${to}`);
        same('requests there', other.requests.length, 1);
        same('of these with a token', leaks(other, server), 0);
        await answers((await dyingHerd(server, driver, 2)).sent);
      },
    },
    {
      id: '56',
      title: 'no URL, message or stack contains a token, nor do the JSON and the config of an error',
      async run({ server, start }) {
        const driver = start({ retries: false, cooldownMs: 0 });
        server.nextRefresh('503');
        const { sent, refresh } = await herdBehindRefresh(server, driver, 1);
        refresh.release();
        const failed = await errors(sent);
        failed.push(...(await errors([send(driver, '/api/status/500')])));
        failed.push(...(await errors([send(driver, '/api/challenge?error=insufficient_user_authentication')])));
        server.revokeFamily();
        failed.push(...(await errors((await dyingHerd(server, driver, 1)).sent)));
        const secrets = server.secrets();
        for (const error of failed) {
          const { name, message, stack, config } = error as Error & { config?: unknown };
          const text = { name, message, stack, config, string: String(error), json: JSON.stringify(error) };
          // Skip signals: a signal leads to its listeners, and through them to the request with its token.
          same('places with a token', findTokens(text, secrets, { skip: (path) => path.endsWith('.signal') }), []);
        }
        holds('a URL held a token', !server.requests.some(({ url }) => secrets.some((secret) => url.includes(secret))));
      },
    },
  ],
};
