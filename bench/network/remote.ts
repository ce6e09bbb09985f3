import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Seen, Tokens } from '../world.ts';

interface State {
  readonly seen: Seen;
  readonly tokens: Tokens;
}

/** A server in another process. */
export interface Remote {
  readonly url: string;
  /** Forgets everything, makes all tokens dead, or does nothing; gives what the server knows then. */
  tell(command: 'new' | 'expire' | 'seen'): Promise<State>;
  refresh(refreshToken: string | undefined): Promise<Tokens>;
  stop(): void;
}

export async function startRemote(): Promise<Remote> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), { execArgv: [] });
  const next = <T>(): Promise<T> =>
    new Promise((resolve) => {
      child.once('message', (message) => {
        resolve(message as T);
      });
    });
  const { port } = await next<{ port: number }>();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    tell: (command) => {
      const state = next<State>();
      child.send(command);
      return state;
    },
    refresh: async (refreshToken) => {
      const response = await fetch(`${url}/refresh`, { method: 'POST', body: JSON.stringify({ refreshToken }) });
      const body = (await response.json()) as Tokens;
      if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status, data: body });
      return body;
    },
    stop: () => {
      child.kill();
    },
  };
}
