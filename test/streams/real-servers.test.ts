import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession as createSseSession } from 'better-sse';
import OpenAI from 'openai';
import { lastValueFrom, map, take, takeWhile, toArray } from 'rxjs';
import { createClient, type Client } from 'sluice';
import { eventStream, type StreamStatus } from 'sluice/streams';
import { afterEach, describe, expect, it } from 'vitest';
import { adapters } from '../http/fixture.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

describe.each(adapters)('an event stream, with the %s adapter,', (adapter) => {
  const clientOf = (baseURL: string): Client => createClient({ baseURL, adapter });

  it('gets the events of a better-sse server, also those sent while its connection was closed', async () => {
    const lastIds: string[] = [];
    const history = [1, 2, 3, 4, 5].map((n) => ({ n, text: `line ${String(n)}\r\nand …` }));
    let disconnected = (): void => {};
    const left = new Promise<void>((resolve) => {
      disconnected = resolve;
    });
    const baseURL = await serve((request: IncomingMessage, response: ServerResponse) => {
      void createSseSession(request, response, { retry: 30, keepAlive: 5 }).then((session) => {
        lastIds.push(session.lastId);
        const after = Number(session.lastId || 0);
        const rest = history.slice(after);
        const isFirst = lastIds.length === 1;
        for (const [i, event] of rest.slice(0, isFirst ? 2 : undefined).entries())
          session.push(event, 'change', String(after + i + 1));
        if (isFirst) setImmediate(() => response.end());
        else session.once('disconnected', disconnected);
      });
    });
    const delays: number[] = [];
    const statusObserver = {
      next: (status: StreamStatus) => {
        if (status.type === 'reconnecting') delays.push(status.delayMs);
      },
    };
    const parse = (data: string): unknown => JSON.parse(data);
    const events$ = eventStream(clientOf(baseURL), '/', { parse, idleTimeoutMs: 5_000, statusObserver });
    const events = await lastValueFrom(events$.pipe(take(5), toArray()));
    expect(events).toEqual(history.map((data) => ({ type: 'change', data, lastEventId: String(data.n) })));
    expect(lastIds).toEqual(['', '2']);
    expect(delays).toEqual([30]);
    await left;
  });

  it('reads from a server with the API of OpenAI the same as the SDK of OpenAI', async () => {
    const words = ['Hel', 'lo', ', ', 'wörld', ' …'];
    const bodies: unknown[] = [];
    const baseURL = await serve((request, response) => {
      void request.toArray().then((chunks) => {
        bodies.push(JSON.parse(Buffer.concat(chunks as Buffer[]).toString()));
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        // Gateways send such comments to keep a connection open; a reader must ignore them.
        response.write(': PROCESSING\n\n');
        for (const [index, content] of words.entries()) {
          const choice = { index: 0, delta: { content }, finish_reason: null };
          const chunk = { id: 'c', object: 'chat.completion.chunk', created: index, model: 'local', choices: [choice] };
          response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        }
        response.end('data: [DONE]\n\n');
      });
    });
    const question = { model: 'local', messages: [{ role: 'user' as const, content: 'Hi' }], stream: true as const };

    const sdk = new OpenAI({ baseURL, apiKey: 'none' });
    const bySdk: unknown[] = [];
    for await (const { choices } of await sdk.chat.completions.create(question)) bySdk.push(choices[0]?.delta.content);

    const events$ = eventStream(clientOf(baseURL), '/chat/completions', { method: 'post', data: question });
    const pieces$ = events$.pipe(
      takeWhile(({ data }) => data !== '[DONE]'),
      map(({ data }) => (JSON.parse(data) as OpenAI.ChatCompletionChunk).choices[0]?.delta.content),
      toArray(),
    );
    expect(await lastValueFrom(pieces$)).toEqual(bySdk);
    expect(bySdk).toEqual(words);
    expect(bodies).toEqual([question, question]);
  });
});
