import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(ways)('axios-mock-adapter installed %s', (_, way) => {
  const app = (reply?: (mock: MockAdapter) => void) => {
    let mock: MockAdapter | undefined;
    const install = (instance: AxiosInstance): void => {
      mock = new MockAdapter(instance);
      reply?.(mock);
    };
    const setup = way(auth.server, install);
    return { ...setup, mock: mock! };
  };
  const tokenOf = ({ headers }: AxiosRequestConfig): string => String(headers?.Authorization).slice(7);

  it('gets the token, and one refresh serves ten requests with a dead token', async () => {
    const { send, refresh, session, mock } = app((mocked) => {
      let refused = 0;
      mocked.onGet(/\/users\/\d/).reply(() => (refused++ < 10 ? [401] : [200, { name: 'Ada' }]));
    });
    const before = session.state.tokens!.accessToken;
    const answers = await Promise.all(Array.from({ length: 10 }, (__, n) => send({ url: `/users/${n}` })));
    expect(answers.map(({ data }) => data)).toEqual(Array(10).fill({ name: 'Ada' }));
    expect(refresh).toHaveBeenCalledTimes(1);
    const after = session.state.tokens!.accessToken;
    expect(mock.history.get.map(tokenOf)).toEqual([
      ...Array<string>(10).fill(before),
      ...Array<string>(10).fill(after),
    ]);
  });

  it('does not prevent that requests with an absolute URL or a body are resent after a 401', async () => {
    const { send, refresh } = app((mocked) => {
      mocked.onPost(/users$/).replyOnce(401);
      mocked.onPost(/users$/, { name: 'Ada' }).reply(201, { id: 1 });
    });
    expect(await send({ url: `${auth.server.url}/users`, method: 'post', data: { name: 'Ada' } })).toMatchObject({
      status: 201,
      data: { id: 1 },
    });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('passes requests through to the server, where one refresh serves ten of them with a dead token', async () => {
    const { send } = app((mocked) => mocked.onAny().passThrough());
    await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
  });

  it('has its errors delivered unchanged', async () => {
    const { send, refresh } = app((mocked) => {
      mocked.onGet('/away').networkError();
      mocked.onGet('/slow').timeout();
    });
    await expect(send({ url: '/away' })).rejects.toMatchObject({ message: 'Network Error' });
    await expect(send({ url: '/slow' })).rejects.toMatchObject({ message: /timeout/ });
    await expect(send({ url: '/unknown' })).rejects.toMatchObject({ response: { status: 404 } });
    expect(refresh).not.toHaveBeenCalled();
  });
});
