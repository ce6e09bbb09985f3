import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { pause, realNow } from '../../support/real-time.ts';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.setTimeout(1_000, () => socket.destroy());
  });

/** A server of another program, on a port of this machine. */
export class ChildServer {
  readonly port: number;
  readonly #start: () => ChildProcess;
  #child: ChildProcess | undefined;

  constructor(port: number, program: string, args: readonly string[], options: SpawnOptions = {}) {
    this.port = port;
    this.#start = () => spawn(program, args, { stdio: 'ignore', ...options });
  }

  /** Resolves when the server takes connections. */
  async start(): Promise<void> {
    this.#child = this.#start();
    const start = realNow();
    while (!(await isOpen(this.port))) {
      if (this.#child.exitCode !== null || realNow() - start > 20_000) throw new Error('The server does not start.');
      await pause(20);
    }
  }

  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
