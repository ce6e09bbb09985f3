import { InvalidInputError } from 'sluice';
import { logEvents } from 'sluice/devtools';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useFakeTime } from '../support/fake-time.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { slowApp, traceKey } from './fixture.ts';

failOnUnhandled();
useFakeTime();
afterEach(() => {
  vi.restoreAllMocks();
});

const withoutIds = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ #\d+ /, ' #1 '));

describe('logEvents()', () => {
  it('writes one line for each event of the session and of its requests', async () => {
    const { api, session, refresh$ } = slowApp();
    const lines: string[] = [];
    const logging = logEvents(session, { api, log: (line) => lines.push(line) });
    const request = record(api.get('/a', { params: { secret: 1 } }));
    await vi.advanceTimersByTimeAsync(50);
    refresh$.next({ accessToken: 'fresh' });
    await vi.advanceTimersByTimeAsync(20);
    expect(request.settled?.kind).toBe('complete');
    const url = 'https://api.example.com/a';
    expect(withoutIds(lines)).toEqual([
      '[sluice] session restored generation=1',
      `[sluice] #1 GET ${url} is sent`,
      `[sluice] #1 GET ${url} is answered with 401 after 20 ms`,
      '[sluice] session refresh-started reason=unauthorized generation=1',
      `[sluice] #1 GET ${url} waits for the session`,
      '[sluice] session refresh-succeeded generation=2 durationMs=30 waiting=1',
      '[sluice] session request-resent generation=2',
      `[sluice] #1 GET ${url} is sent again (send 2)`,
      `[sluice] #1 GET ${url} is answered with 200 after 20 ms`,
      `[sluice] #1 GET ${url} completed with 200 in 70 ms, 30 ms of them held`,
    ]);
    logging.unsubscribe();
  });

  it('writes nothing after it was unsubscribed, and leaves nothing behind', async () => {
    const { api, session } = slowApp();
    const lines: string[] = [];
    logEvents(session, { api, log: (line) => lines.push(line) }).unsubscribe();
    const early = lines.splice(0);
    const request = record(api.get('/a'));
    await vi.advanceTimersByTimeAsync(50);
    request.unsubscribe();
    void session.signOut();
    expect(early).toEqual(['[sluice] session restored generation=1']);
    expect(lines).toEqual([]);
  });

  it('writes failures and cancellations, to the console by default', async () => {
    const { api, session } = slowApp('Bearer error="insufficient_scope"');
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const logging = logEvents(session, { api });
    const failed = record(api.get('/failed'));
    await vi.advanceTimersByTimeAsync(20);
    expect(failed.settled?.kind).toBe('error');
    const cancelled = record(api.get('/cancelled'));
    await vi.advanceTimersByTimeAsync(10);
    cancelled.unsubscribe();
    logging.unsubscribe();
    const lines = withoutIds(log.mock.calls.map(([line]) => String(line)));
    expect(lines).toContain('[sluice] session challenged error=insufficient_scope');
    expect(lines).toContain(
      '[sluice] #1 GET https://api.example.com/failed failed: ERR_BAD_REQUEST, status 401 in 20 ms',
    );
    expect(lines).toContain('[sluice] #1 GET https://api.example.com/cancelled was cancelled in 10 ms');
  });

  it('writes no control characters, by which a server could forge a line', async () => {
    const { api, session } = slowApp();
    const lines: string[] = [];
    const logging = logEvents(session, { api, log: (line) => lines.push(line) });
    const request = record(api.request({ url: '/a', method: 'GET\n[sluice] forged\u2028\u001b[31m' }));
    await vi.advanceTimersByTimeAsync(20);
    request.unsubscribe();
    logging.unsubscribe();
    expect(lines.filter((line) => line.includes('FORGED')).length).toBeGreaterThan(0);
    expect(lines.join('')).not.toMatch(/\p{Cc}|\u2028/u);
  });

  it('still writes events of requests after the session is disposed of', async () => {
    const { api, session } = slowApp();
    const lines: string[] = [];
    const logging = logEvents(session, { api, log: (line) => lines.push(line) });
    session.dispose();
    const request = record(api.get('/a', { session: false }));
    await vi.advanceTimersByTimeAsync(20);
    expect(request.settled?.kind).toBe('error');
    expect(withoutIds(lines).at(-1)).toContain('failed: ERR_BAD_REQUEST, status 401');
    logging.unsubscribe();
    expect(Object.getOwnPropertySymbols(api)).not.toContain(traceKey);
  });

  it('logs the session alone without `api`', async () => {
    const { api, session } = slowApp();
    const lines: string[] = [];
    const logging = logEvents(session, { log: (line) => lines.push(line) });
    firstValueFrom(api.get('/a', { session: false })).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(20);
    expect(lines).toEqual(['[sluice] session restored generation=1']);
    logging.unsubscribe();
  });

  it('refuses wrong arguments at the call', () => {
    const { session } = slowApp();
    expect(() => logEvents({} as never)).toThrow(InvalidInputError);
    expect(() => logEvents(session, { log: 1 as never })).toThrow(/log takes a function/);
    expect(() => logEvents(session, { api: {} as never })).toThrow(InvalidInputError);
    expect(() => logEvents(session, { client: 1 } as never)).toThrow(/knows no client/);
  });
});
