import { afterEach, beforeEach } from 'vitest';
import { startAuthServer, type AuthServer, type AuthServerOptions } from './auth-server.ts';

export interface TokenAnswer {
  jwtToken: string;
  refreshToken: string;
  expiresIn?: number;
  error?: string;
}

/** The server of the running test, and plain `fetch` calls to it that involve no library. */
export interface AuthServerInTest {
  readonly server: AuthServer;
  get(path: string, token?: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  refresh(refreshToken: string): Promise<Response>;
}

/** In a test file or a `describe`: gives each test a server of its own. */
export function useAuthServer(options?: AuthServerOptions): AuthServerInTest {
  let server: AuthServer;
  beforeEach(async () => {
    server = await startAuthServer(options);
  });
  afterEach(() => server.close());

  const post: AuthServerInTest['post'] = (path, body, headers = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    get server() {
      return server;
    },
    get(path, token, init = {}) {
      const headers = { ...(token === undefined ? {} : bearer(token)), ...(init.headers as object) };
      return fetch(server.url + path, { ...init, headers });
    },
    post,
    refresh: (refreshToken) => post('/api/refresh-token', { refreshToken }),
  };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export async function tokensOf(answer: Response | Promise<Response>): Promise<TokenAnswer> {
  return (await (await answer).json()) as TokenAnswer;
}
