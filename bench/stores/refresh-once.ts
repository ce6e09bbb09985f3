import { filter, firstValueFrom, lastValueFrom, of } from 'rxjs';
import { createSession, type SessionOptions, type TokenSet } from 'sluice/session';

/** A session on one store, which refreshes when it is told to. */
export interface RefreshOnce {
  /** Resolves when somebody is signed in. */
  readonly ready: Promise<unknown>;
  /** How long one refresh takes, in milliseconds. The new tokens come at once, so this is the time of the store. */
  refresh(): Promise<number>;
  dispose(): void;
}

/** Used in Node and, bundled, in a page. */
export function refreshOnce(store: NonNullable<SessionOptions['store']>): RefreshOnce {
  let n = 0;
  const next = (): TokenSet => {
    n += 1;
    // Make them as long as tokens usually are: a store takes longer to write more.
    return { accessToken: `access-${n}-${'x'.repeat(600)}`, refreshToken: `refresh-${n}-${'y'.repeat(40)}` };
  };
  const session = createSession({ store, refresh: () => of(next()), minRefreshIntervalMs: 0 });
  return {
    ready: firstValueFrom(session.state$.pipe(filter(({ status }) => status !== 'restoring'))).then(() =>
      session.signIn(next()),
    ),
    async refresh() {
      const started = performance.now();
      await lastValueFrom(session.refresh$);
      return performance.now() - started;
    },
    dispose: () => {
      session.dispose();
    },
  };
}
