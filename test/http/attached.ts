import { attachSession, type SessionOptions, type AttachSessionOptions, type TokenSet } from 'sluice';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import type { AuthServer } from '../support/auth-server.ts';
import { sessionOn, type SessionSetup } from './fixture.ts';

export interface Attached extends SessionSetup {
  readonly instance: AxiosInstance;
  detach(): void;
}

type AttachedOptions = Omit<CreateAxiosDefaults<unknown>, 'adapter'> & {
  adapter?: CreateAxiosDefaults['adapter'];
  use?: AttachSessionOptions;
  sessionOptions?: Partial<SessionOptions> & { initial?: TokenSet | null };
};

/** An axios instance of the server, as an app has it, with a session. */
export function attachedOn(server: AuthServer, { sessionOptions, use, ...defaults }: AttachedOptions = {}): Attached {
  const setup = sessionOn(server, sessionOptions);
  const instance = axios.create({ baseURL: server.url, ...defaults } as CreateAxiosDefaults);
  return { ...setup, instance, detach: attachSession(instance, setup.session, use) };
}

/** What the server received: method, path, and whose token of which generation. */
export function seen(server: AuthServer): string[] {
  return server.requests
    .filter(({ path }) => path !== '/public/flush')
    .map(({ path, user, generation }) => (generation === undefined ? path : `${path} ${user ?? '?'} ${generation}`));
}
