import { wrapper } from 'axios-cookiejar-support';
import type { AxiosInstance } from 'axios';
import { CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(ways)('axios-cookiejar-support installed %s', (_, way) => {
  const app = () => {
    const jar = new CookieJar();
    const install = (instance: AxiosInstance): void => {
      instance.defaults.jar = jar;
      wrapper(instance);
    };
    return { jar, ...way(auth.server, install) };
  };

  it('does not change that one refresh serves ten requests with a dead token, and sends its cookies', async () => {
    const { send, jar } = app();
    await jar.setCookie('visit=7', auth.server.url);
    await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
    expect(auth.server.sent('/api/echo').map(({ headers }) => headers.cookie)).toEqual(
      Array<string>(20).fill('visit=7'),
    );
  });

  it('sends the cookies that the 401 set with the resend', async () => {
    const { send } = app();
    auth.server.expireAccess();
    auth.server.unauthorized = () => ({ status: 401, headers: { 'set-cookie': 'seen=401; Path=/' } });
    await send({ url: '/api/echo' });
    expect(auth.server.sent('/api/echo').map(({ headers }) => headers.cookie)).toEqual([undefined, 'seen=401']);
  });
});
