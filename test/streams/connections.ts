import { type AxiosAdapter, AxiosHeaders } from 'axios';
import { type Client, createClient } from 'sluice';

/** A server as an adapter: each connection is what the test makes of it. */
export class Connections {
  sent = 0;
  readonly sinks: ReadableStreamDefaultController<Uint8Array>[] = [];

  readonly adapter: AxiosAdapter = (request) => {
    this.sent += 1;
    const data = new ReadableStream<Uint8Array>({
      start: (sink) => {
        this.sinks.push(sink);
      },
    });
    const headers = new AxiosHeaders({ 'content-type': 'text/event-stream' });
    return Promise.resolve({ data, status: 200, statusText: 'OK', headers, config: request });
  };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const clientOf = (adapter: AxiosAdapter): Client =>
  createClient({ baseURL: 'https://api.example.com', adapter });
