import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { random } from '../random.ts';
import { world } from '../world.ts';
import { gate } from './gate.ts';
import type { Command, State } from './protocol.ts';

/** One server for one measurement. */
export interface Scene {
  told(command: Command): void;
  state(): State;
  close(): void;
}

const REQUEST_JITTER_MS = 6;
const REFRESH_JITTER_MS = 3;

export async function openScene(): Promise<Scene> {
  const own = world();
  const refusals = gate(false);
  const refreshes = gate(true);
  let later = (_mostMs: number, go: () => void): void => {
    go();
  };

  const server = createServer((request, response) => {
    const answer = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    };
    if (request.url === '/refresh') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { refreshToken } = JSON.parse(body) as { refreshToken?: string };
        if (!refreshes.isOpen) own.renewing();
        refreshes.pass(() => {
          later(REFRESH_JITTER_MS, () => {
            const tokens = own.rotate(refreshToken);
            answer(tokens ? 200 : 400, JSON.stringify(tokens ?? { error: 'invalid_grant' }));
          });
        });
      });
      return;
    }
    request.resume();
    const status = own.judge(request.headers.authorization);
    const go = (): void => {
      later(REQUEST_JITTER_MS, () => {
        answer(status, '{"n":1}');
      });
    };
    if (status === 401 && request.url?.startsWith('/held/')) refusals.pass(go);
    else go();
  });
  // Do not close a connection that is idle for a while: the next request on it would fail.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const acts: Partial<Record<Command, () => void>> = {
    expire: own.expire,
    jitter: () => {
      const next = random(1);
      later = (mostMs, go) => void setTimeout(go, next() * mostMs);
    },
    answer: refusals.open,
    hold: refreshes.close,
    release: refreshes.open,
  };
  return {
    told: (command) => acts[command]?.(),
    state: () => ({ port, tokens: own.tokens(), seen: own.seen, held: refreshes.waiting }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
