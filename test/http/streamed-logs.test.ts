import { inspect } from 'node:util';
import type { AxiosError, AxiosResponse } from 'axios';
import { expect, it } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { attachedOn } from './attached.ts';

const auth = useAuthServer();

it.each([
  [200, 2],
  [200, 12],
  [500, 2],
  [500, 12],
])('A streamed response with status %i shows no token to a logger that goes %i levels deep', async (status, depth) => {
  const { instance } = attachedOn(auth.server);
  const response = await instance.get(`/api/status/${status}`, { responseType: 'stream' }).then(
    (given: AxiosResponse) => given,
    (error: unknown) => {
      expectNoToken(inspect(error, { depth }), auth.server.secrets());
      return (error as AxiosError).response;
    },
  );
  expectNoToken(inspect(response, { depth }), auth.server.secrets());
  expect((response?.data as { req?: object }).req).toBeDefined();
  (response?.data as { resume(): void }).resume();
});
