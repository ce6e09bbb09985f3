import { asyncScheduler, map, timer } from 'rxjs';
import { createSession, memoryStore, type TokenSet } from 'sluice/session';
import { expect, it } from 'vitest';
import { apiOf } from '../session/fixture.ts';
import { marbles } from '../support/marbles.ts';
import { record, type Recording } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const second = 1000;
const minute = 60 * second;

it('an hour of requests with the lid closed in between fails no request and presents each refresh token once', () => {
  marbles(({ flush }) => {
    let issued = 0;
    const used: (string | undefined)[] = [];
    const issue = (): TokenSet => {
      issued += 1;
      return {
        accessToken: `access ${issued.toString()}`,
        refreshToken: `refresh ${issued.toString()}`,
        expiresAt: asyncScheduler.now() + 5 * minute,
      };
    };
    const alive = new Map<string, number>();
    const give = (): TokenSet => {
      const tokens = issue();
      alive.set(tokens.accessToken, tokens.expiresAt ?? 0);
      return tokens;
    };
    let running = 0;
    const session = createSession({
      store: memoryStore(give()),
      refresh: (current) => {
        used.push(current?.refreshToken);
        expect((running += 1)).toBe(1);
        return timer(400).pipe(
          map(() => {
            running -= 1;
            return give();
          }),
        );
      },
    });
    const api = apiOf(session, (token) => {
      // The server's own clock decides.
      expect(asyncScheduler.now()).toBeLessThan(alive.get(token ?? '') ?? 0);
      return ['answer'];
    });
    const recordings: Recording<string>[] = [];
    // A request every seven seconds, with three naps in between.
    const naps = [
      [8 * minute, 21 * minute],
      [30 * minute, 34 * minute],
      [40 * minute, 59 * minute],
    ] as const;
    for (let at = 0; at < 60 * minute; at += 7 * second) {
      if (naps.some(([from, to]) => at > from && at < to)) continue;
      timer(at).subscribe(() => recordings.push(record(api.get$)));
    }
    flush();
    for (const recording of recordings) expect(recording.expectOneOutcome().kind).toBe('complete');
    expect(recordings.length).toBeGreaterThan(200);
    // The tokens live five minutes each, less the leeway; nothing is refreshed while the machine sleeps.
    expect(used.length).toBeGreaterThanOrEqual(5);
    expect(used.length).toBeLessThanOrEqual(8);
    expect(new Set(used).size).toBe(used.length);
  });
});
