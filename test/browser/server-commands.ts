import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startRecordingServer, type RecordingServer } from '../differential/recording-server.ts';
import type { Listener } from '../support/listener.ts';
import { startPacedServer } from '../support/paced-server.ts';
import { startAuthServer, type AuthServer, type AuthServerOptions } from '../support/auth-server.ts';
import type { Hold } from '../support/gates.ts';
import type { ServerRequest } from '../support/server-request.ts';

/** A server without CORS: pages of other origins can neither send to it nor read its responses. */
interface ClosedServer {
  readonly http: Server;
  /** The method and path of each request that the server has received. */
  readonly seen: string[];
}

const servers = new Map<string, AuthServer>();
const holds = new Map<string, Hold>();
const closed = new Map<string, ClosedServer>();
const recording = new Map<string, RecordingServer>();
const paced = new Map<string, Listener>();
let lastHold = 0;

/**
 * Commands by which a page of the tests uses Node: real servers, whose sockets and headers a browser cannot provide.
 */
export const serverCommands = {
  /** Starts a server and returns its URL, which identifies it in the other commands. */
  async openServer(_context: unknown, options: AuthServerOptions): Promise<string> {
    const server = await startAuthServer(options);
    servers.set(server.url, server);
    return server.url;
  },

  async closeServer(_context: unknown, url: string): Promise<void> {
    await servers.get(url)?.close();
    servers.delete(url);
  },

  /** Calls a method of the server, or returns the value of a property. */
  async askServer(_context: unknown, url: string, name: keyof AuthServer, args: unknown[]): Promise<unknown> {
    const member: unknown = Reflect.get(server(url), name);
    const answer: unknown =
      typeof member === 'function' ? await (member as (...args: unknown[]) => unknown)(...args) : member;
    return portable(answer);
  },

  /** Returns a number that identifies the hold in the other commands. */
  holdAt(_context: unknown, url: string, where: string, when?: 'before' | 'after'): string {
    const id = String((lastHold += 1));
    holds.set(id, server(url).hold(where, when ? { when } : {}));
    return id;
  },

  async askHold(_context: unknown, id: string, name: 'waiting' | 'next' | 'release', n?: number): Promise<unknown> {
    const hold = holds.get(id);
    if (!hold) throw new Error(`There is no hold ${id}.`);
    return portable(await hold[name](n as number));
  },

  async openRecordingServer(): Promise<Pick<RecordingServer, 'url' | 'elsewhere'>> {
    const server = await startRecordingServer();
    recording.set(server.url, server);
    return { url: server.url, elsewhere: server.elsewhere };
  },

  async closeRecordingServer(_context: unknown, url: string): Promise<void> {
    await recording.get(url)?.close();
    recording.delete(url);
  },

  async openPacedServer(): Promise<string> {
    const server = await startPacedServer();
    paced.set(server.url, server);
    return server.url;
  },

  async closePacedServer(_context: unknown, url: string): Promise<void> {
    await paced.get(url)?.close();
    paced.delete(url);
  },

  /** Starts a server that answers 404 to everything, also to CORS preflights: pages of other origins cannot use it. Returns its URL. */
  async openClosedServer(): Promise<string> {
    const seen: string[] = [];
    const http = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    closed.set(url, { http, seen });
    return url;
  },

  /** Stops a server of `openClosedServer` and returns the method and path of each request that it received. */
  async endClosedServer(_context: unknown, url: string): Promise<readonly string[]> {
    const { http, seen } = closed.get(url)!;
    closed.delete(url);
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    return seen;
  },
};

function server(url: string): AuthServer {
  const found = servers.get(url);
  if (!found) throw new Error(`There is no server ${url}.`);
  return found;
}

/**
 * A request in the form in which a page gets it: only JSON is transferred, so the body is a string with one character
 * per byte.
 */
export type SeenRequest = Omit<ServerRequest, 'body'> & { readonly body: string };

function portable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, portable(inner)]));
}
