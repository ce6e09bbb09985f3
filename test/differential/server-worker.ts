import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { pathOf, recordsAsked, type Answer, type Sent } from './answer.ts';

// Runs in its own thread, whose `Object.prototype` no test pollutes. The first part of a path names the run that it
// belongs to.
const records = new Map<string, Sent[]>();
const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** Returns what was received for a run since the last call. */
function take(run: string): readonly Sent[] {
  const sent = records.get(run) ?? [];
  records.delete(run);
  return sent;
}

async function serve(request: IncomingMessage, response: ServerResponse, isElsewhere: boolean): Promise<void> {
  response.sendDate = false;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', '*');
  if (request.headers['access-control-request-method'] !== undefined) {
    const allowed = request.headers['access-control-request-headers'] ?? '';
    response.writeHead(204, {
      'access-control-allow-methods': request.headers['access-control-request-method'],
      'access-control-allow-headers': allowed,
      'access-control-max-age': '60',
    });
    response.end();
    return;
  }
  const asked = isElsewhere ? undefined : recordsAsked(request.url);
  if (asked !== undefined) {
    response.end(JSON.stringify(take(asked)));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', rawHeaders } = request;
  const [, run = '', spec = ''] = /^\/([^/?#]*)\/?([^?#]*)/.exec(url) ?? [];
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, n) => [rawHeaders[2 * n], rawHeaders[2 * n + 1]] as [string, string],
  );
  const body = Buffer.concat(chunks);
  const sent: Sent = { method, url: url.slice(run.length + 1), headers, body: body.toString('base64'), isElsewhere };
  records.set(run, [...(records.get(run) ?? []), sent]);
  if (request.headers.authorization === 'Bearer dead') {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"expired":true}');
    return;
  }
  await answer(answerOf(spec), response, run, sent);
}

function answerOf(spec: string): Answer {
  try {
    return JSON.parse(decodeURIComponent(spec)) as Answer;
  } catch {
    return {};
  }
}

async function answer(given: Answer, response: ServerResponse, run: string, sent: Sent): Promise<void> {
  const { status = 200, redirect, breaks, delayMs, encoding, echo } = given;
  if (delayMs !== undefined) await pause(delayMs);
  if (breaks === 'before') {
    response.destroy();
    return;
  }
  const text = Buffer.from(echo ? JSON.stringify({ echo: sent.method }) : (given.body ?? ''));
  const body = encoding ? encodings[encoding](text) : text;
  const location = redirect && `${redirect.elsewhere ? ports.elsewhere : ''}/${run}${pathOf(redirect.to)}`;
  response.writeHead(status, {
    ...(echo ? { 'content-type': 'application/json' } : {}),
    ...given.headers,
    ...(encoding ? { 'content-encoding': encoding } : {}),
    ...(location !== undefined ? { location } : {}),
    ...(breaks === 'within' ? { 'content-length': body.byteLength + 9 } : {}),
  });
  if (breaks !== 'within') {
    response.end(body);
    return;
  }
  response.write(body, () => response.destroy());
}

const ports = { here: '', elsewhere: '' };
for (const name of ['here', 'elsewhere'] as const) {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response, name === 'elsewhere').catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports[name] = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
parentPort?.postMessage(ports);
parentPort?.on('message', (run: string) => {
  parentPort?.postMessage(take(run));
});
