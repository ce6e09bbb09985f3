import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command, State } from './protocol.ts';

/** A server in another process. */
export interface Remote {
  /** Resolves with the state of the server after it has carried out the command. */
  tell(command: Command): Promise<State>;
  stop(): void;
}

export function startRemote(): Remote {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), { execArgv: [] });
  const asked: ((state: State) => void)[] = [];
  child.on('message', (message) => asked.shift()?.(message as State));
  return {
    tell: (command) =>
      new Promise((resolve) => {
        asked.push(resolve);
        child.send(command);
      }),
    stop: () => {
      child.kill();
    },
  };
}
