import { readFileSync } from 'node:fs';
import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import type { Client } from 'sluice';
import { createSession, memoryStore } from 'sluice/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clearWithOwner, userQuery } from '../../examples/snippets/query-by-owner.ts';
import { queued } from '../../examples/snippets/queued.ts';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { record } from '../support/recorder.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each(['polling.ts', 'queued.ts', 'query-by-owner.ts'])(
  'docs/operators.md shows examples/snippets/%s word for word',
  (file) => {
    const blocks = codeBlocks('docs/operators.md').map(({ code }) => `${code}\n`);
    expect(blocks).toContain(readFileSync(`examples/snippets/${file}`, 'utf8'));
  },
);

it('the recipe for polling never overlaps requests, and pauses while the page is hidden', async () => {
  vi.useFakeTimers();
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  const { poll } = await import('../../examples/snippets/polling.ts');
  const show = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const answers: Subject<string>[] = [];
  const request$ = new Observable<string>((subscriber) => {
    const answer = new Subject<string>();
    answers.push(answer);
    return answer.subscribe(subscriber);
  });
  const recording = record(poll(request$, 1_000));
  vi.advanceTimersByTime(5_000);
  expect(answers).toHaveLength(1);
  answers[0]!.next('a');
  answers[0]!.complete();
  vi.advanceTimersByTime(999);
  expect(answers).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(answers).toHaveLength(2);
  show('hidden');
  expect(answers[1]!.observed).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(answers).toHaveLength(2);
  show('visible');
  expect(answers).toHaveLength(3);
  recording.unsubscribe();
  expect(answers[2]!.observed).toBe(false);
  expect(recording.values).toEqual(['a']);
});

describe('the recipe for a queue', () => {
  /** One task at a time, as p-queue does it: a signal takes a task out that has not begun. */
  function queueOfOne() {
    let turn: Promise<unknown> = Promise.resolve();
    return {
      add(task: () => Promise<void>, { signal }: { signal: AbortSignal }) {
        const mine = turn.then(() => {
          signal.throwIfAborted();
          return task();
        });
        turn = mine.catch(() => undefined);
        return mine;
      },
    };
  }

  it('sends a request when the one before has ended or was unsubscribed, and none that was unsubscribed in the queue', async () => {
    const queue = queueOfOne();
    const answers = [new Subject<string>(), new Subject<string>(), new Subject<string>()];
    const [first, second, third] = answers.map((answer) => record(queued(answer, queue)));
    await waitFor(() => {
      expect(answers.map(({ observed }) => observed)).toEqual([true, false, false]);
    });
    second!.unsubscribe();
    first!.unsubscribe();
    await waitFor(() => {
      expect(answers.map(({ observed }) => observed)).toEqual([false, false, true]);
    });
    answers[2]!.next('c');
    answers[2]!.complete();
    expect(third!.expectOneOutcome()).toEqual({ kind: 'complete', values: ['c'] });
  });

  it('passes an error on, and lets the next request begin', async () => {
    const queue = queueOfOne();
    const failed = record(
      queued(
        throwError(() => new Error('own')),
        queue,
      ),
    );
    const next = record(queued(of('b'), queue));
    expect(await failed.outcome).toMatchObject({ kind: 'error', error: { message: 'own' } });
    expect(await next.outcome).toEqual({ kind: 'complete', values: ['b'] });
  });
});

describe('the recipe for TanStack Query', () => {
  it('has the owner in the key, waits for the store, and is cleared when the owner changes', async () => {
    const session = createSession({ refresh: () => NEVER, store: memoryStore() });
    const get = vi.fn(() => of('user'));
    const api = { get } as unknown as Client;
    const clear = vi.fn();
    void clearWithOwner(session, { clear });
    await session.signIn({ accessToken: 'a' });
    const first = userQuery(api, session, 1);
    await session.update({ accessToken: 'b' });
    expect(userQuery(api, session, 1).queryKey).toEqual(first.queryKey);
    expect(clear).toHaveBeenCalledTimes(1);
    await session.signIn({ accessToken: 'c' });
    expect(userQuery(api, session, 1).queryKey).not.toEqual(first.queryKey);
    expect(clear).toHaveBeenCalledTimes(2);
    const { signal } = new AbortController();
    expect(await first.queryFn({ signal })).toBe('user');
    expect(get).toHaveBeenCalledWith('/users/1', { signal });

    const restoring = createSession({
      refresh: () => NEVER,
      store: { get: () => new Promise(() => undefined), set: () => undefined },
    });
    expect([userQuery(api, session, 1).enabled, userQuery(api, restoring, 1).enabled]).toEqual([true, false]);
  });
});
