import axios, { type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClient, createSession } from 'sluice';

const { canParse } = URL;
beforeEach(() => void Reflect.deleteProperty(URL, 'canParse'));
afterEach(() => void Object.assign(URL, { canParse }));

it('a client sends the token where the platform has no URL.canParse, as in Jest 29 with jsdom', async () => {
  const sent: unknown[] = [];
  const adapter = async (config: InternalAxiosRequestConfig) => {
    sent.push(config.headers.get('Authorization'));
    return { data: '', status: 200, statusText: '', headers: {}, config };
  };
  let asked: string | undefined;
  const session = createSession({
    refresh: () => [{ accessToken: 'other' }],
    authorize: ({ accessToken }, { url }) => ((asked = url), { Authorization: `Bearer ${accessToken}` }),
  });
  await session.signIn({ accessToken: 'access' });
  const api = createClient({ axios: axios.create({ baseURL: 'https://api.example', adapter }), session });
  await firstValueFrom(api.get('/user'));
  expect({ sent, asked }).toEqual({ sent: ['Bearer access'], asked: 'https://api.example/user' });
  expect(() => createClient({ adapter }).get('/user')).toThrow('The URL is relative');
});
