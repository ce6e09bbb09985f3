import axios from 'axios';
import { createParser } from 'eventsource-parser';
import { of } from 'rxjs';
import { createClient, createSession, memoryStore } from 'sluice';
import { eventStream } from 'sluice/streams';
import { EventParser } from '../../src/streams/event-parser.ts';

export type Adapter = 'http' | 'fetch';

/** Reads the events of a URL and calls `take` with each, until that returns `false` or there are no more. */
export type Reader = (url: string, adapter: Adapter, take: (data: string) => boolean) => Promise<void>;

async function chunks(url: string, adapter: Adapter, push: (chunk: Uint8Array) => boolean): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const { data } = await axios.get<AsyncIterable<Uint8Array>>(url, { adapter, signal, responseType: 'stream' });
  for await (const chunk of data) if (!push(chunk)) break;
  controller.abort();
}

/** The parser of Sluice on the body that axios gives, with nothing around it. */
const bareParser: Reader = (url, adapter, take) => {
  const parser = new EventParser({ lastEventId: '', retryMs: 0 });
  return chunks(url, adapter, (chunk) => {
    parser.push(chunk);
    for (let event = parser.next(); event; event = parser.next()) if (!take(event.data)) return false;
    return true;
  });
};

const eventsourceParser: Reader = (url, adapter, take) => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let isWanted = true;
  const parser = createParser({
    onEvent: ({ data }) => {
      isWanted &&= take(data);
    },
  });
  return chunks(url, adapter, (chunk) => {
    parser.feed(decoder.decode(chunk, { stream: true }));
    return isWanted;
  });
};

/** Subscribes without an operator: each one takes time for each event. */
const sluice: Reader = async (url, adapter, take) => {
  const session = createSession({ store: memoryStore({ accessToken: 'a' }), refresh: () => of({ accessToken: 'b' }) });
  const api = createClient({ baseURL: new URL(url).origin, session });
  await new Promise<void>((resolve, reject) => {
    const subscription = eventStream(api, url, { adapter, reconnect: false }).subscribe({
      next: ({ data }) => {
        if (take(data)) return;
        subscription.unsubscribe();
        resolve();
      },
      error: reject,
      complete: resolve,
    });
  });
  session.dispose();
};

export const readers = { sluice, 'bare parser': bareParser, 'eventsource-parser 4': eventsourceParser } as const;
