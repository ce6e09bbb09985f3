import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { RequestLog } from './request-log.ts';

/** A listening port, and its connections. */
export interface Listener {
  /** `http://127.0.0.1:1234`, without a trailing slash. */
  readonly url: string;
  /** Breaks all connections, and new ones at once, until `offline(false)`. */
  offline(on?: boolean): void;
  /** Closes the connections that no request uses, as servers do after a while. */
  dropIdleConnections(): void;
  close(): Promise<void>;
}

export async function listen(serve: RequestListener, log: Pick<RequestLog, 'breakingAll'>): Promise<Listener> {
  const http = createServer({ keepAliveTimeout: 60_000 }, serve);
  const sockets = new Set<Socket>();
  let isOffline = false;

  http.on('connection', (socket) => {
    if (isOffline) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  function breakConnections(): void {
    log.breakingAll();
    for (const socket of sockets) socket.destroy();
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port: 0, host: '127.0.0.1', backlog: 8192 }, resolve);
  });

  return {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
    offline(on = true) {
      isOffline = on;
      if (on) breakConnections();
    },
    dropIdleConnections() {
      http.closeIdleConnections();
    },
    async close() {
      if (!http.listening) return;
      const closed = new Promise((resolve) => http.close(resolve));
      breakConnections();
      await closed;
    },
  };
}
