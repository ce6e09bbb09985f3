import { getEventListeners } from 'node:events';
import { eventStream, type EventStreamOptions, type ServerSentEvent, type StreamStatus } from 'sluice/streams';
import { testClient } from 'sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record, type Recording } from '../support/recorder.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream whose connection has ended, and that has waited for a second for its next one. */
async function waiting(options: EventStreamOptions<string>): Promise<Recording<ServerSentEvent>> {
  const { api, http } = testClient();
  const recording = record(eventStream(api, '/', options));
  const request = await http.next();
  request.events([]);
  request.end();
  await http.settled();
  await vi.advanceTimersByTimeAsync(1_000);
  return recording;
}

describe('an event stream with a signal', () => {
  it.each([
    ['fails', undefined, 'ERR_CANCELED', undefined],
    ['fails, whatever `reconnect` says,', () => true, 'ERR_CANCELED', undefined],
    ['fails as timed out', undefined, 'ETIMEDOUT', new DOMException('', 'TimeoutError')],
  ])(
    '%s when its signal is aborted while it waits for the next connection, and leaves no timer or listener',
    async (_, reconnect, code, reason) => {
      const controller = new AbortController();
      const { signal } = controller;
      const recording = await waiting({ signal, ...(reconnect && { reconnect }) });
      controller.abort(reason);
      expect(recording.settled).toMatchObject({ kind: 'error', error: { code } });
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    },
  );

  it('fails when its `statusObserver` aborts the signal before the wait begins', async () => {
    const controller = new AbortController();
    const next = ({ type }: StreamStatus): void => {
      if (type === 'reconnecting') controller.abort();
    };
    const recording = await waiting({ signal: controller.signal, statusObserver: { next } });
    expect(recording.settled).toMatchObject({ kind: 'error', error: { code: 'ERR_CANCELED' } });
  });

  it('leaves no listener on its signal when it is unsubscribed while it waits for the next connection', async () => {
    const { signal } = new AbortController();
    const recording = await waiting({ signal });
    recording.unsubscribe();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('fails when its signal times out while it is connected', async () => {
    const controller = new AbortController();
    const { api, http } = testClient();
    const recording = record(eventStream(api, '/', { signal: controller.signal }));
    const request = await http.next();
    request.events([]);
    await http.settled();
    controller.abort(new DOMException('', 'TimeoutError'));
    await http.settled();
    expect(recording.settled).toMatchObject({ kind: 'error', error: { code: 'ETIMEDOUT' } });
    expect(request.cancelled).toBe(true);
  });
});
