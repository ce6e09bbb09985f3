import { createClient, createSession, memoryStore } from 'sluice';
import { AxiosError, type AxiosAdapter } from 'axios';
import { firstValueFrom } from 'rxjs';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectReduxDevtools } from '../../examples/snippets/redux-devtools.ts';
import { recordMetrics } from '../../examples/snippets/open-telemetry.ts';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { useFakeTime } from '../support/fake-time.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A client whose server knows the token `fresh-token` only, and whose refresh takes two seconds. */
function app() {
  const adapter: AxiosAdapter = async (config) => {
    const isFresh = config.headers.get('Authorization') === 'Bearer fresh-token';
    const response = { status: isFresh ? 200 : 401, statusText: '', headers: {}, data: 'body', config };
    if (isFresh) return response;
    throw new AxiosError('', AxiosError.ERR_BAD_REQUEST, config, null, response);
  };
  const session = createSession({
    store: memoryStore({ accessToken: 'dead-token', refreshToken: 'refresh-token' }),
    refresh: async () => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return { accessToken: 'fresh-token' };
    },
  });
  return { session, api: createClient({ baseURL: 'https://api.example.com', session, adapter }) };
}

it.each(['redux-devtools', 'open-telemetry'])('docs/devtools.md shows the snippet %s.ts word for word', (name) => {
  const snippet = readFileSync(`examples/snippets/${name}.ts`, 'utf8');
  expect(codeBlocks('docs/devtools.md').map(({ code }) => `${code}\n`)).toContain(snippet);
});

describe('the recipe for Redux DevTools', () => {
  it('sends each event with the state, without a token', async () => {
    const panel = { init: vi.fn(), send: vi.fn() };
    const connect = vi.fn(() => panel);
    vi.stubGlobal('__REDUX_DEVTOOLS_EXTENSION__', { connect });
    const { api, session } = app();
    const subscription = connectReduxDevtools(session, api);
    const request = record(api.get('/a?secret=1'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(request.settled?.kind).toBe('complete');
    subscription?.unsubscribe();
    void session.signOut();
    expect(panel.init).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ status: 'signed-in', tokens: 'hidden' }),
    );
    const sent = panel.send.mock.calls.map(([action]) => (action as { type: string }).type);
    expect(sent).toEqual([
      ...['restored', 'sent', 'answered', 'refresh-started', 'held', 'refresh-succeeded'],
      ...['request-resent', 'resent', 'answered', 'completed'],
    ]);
    expectNoToken(panel.send.mock.calls, ['dead-token', 'fresh-token', 'refresh-token', 'secret']);
  });

  it('does nothing without the extension', () => {
    const { api, session } = app();
    expect(connectReduxDevtools(session, api)).toBeUndefined();
  });
});

describe('the recipe for OpenTelemetry', () => {
  it('measures refreshes and waits, and counts resends and ended sessions', async () => {
    const seen: unknown[] = [];
    const instrument = (name: string) => (value: number, attributes: object) => seen.push([name, value, attributes]);
    const meter = {
      createCounter: (name: string) => ({ add: instrument(name) }),
      createHistogram: (name: string, { unit }: { unit: string }) => ({ record: instrument(`${name} (${unit})`) }),
    };
    const { api, session } = app();
    const subscription = recordMetrics(session, api, meter);
    const body = firstValueFrom(api.get('/a'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await body).toBe('body');
    void session.signOut();
    subscription.unsubscribe();
    expect(seen).toEqual([
      ['sluice.refresh.duration (s)', 2, { outcome: 'succeeded' }],
      ['sluice.request.resends', 1, { 'http.request.method': 'GET' }],
      ['sluice.request.held (s)', 2, { outcome: 'completed' }],
      ['sluice.session.ended', 1, { reason: 'sign-out' }],
    ]);
  });
});
