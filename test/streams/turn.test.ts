import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turn } from '../../src/streams/turn.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Counts values that take this long each, until the turn is over; returns how long the turn took and how many values it had. */
function turnOf(turn: Turn, valueMs: number): { readonly tookMs: number; readonly values: number } {
  turn.begin();
  const start = Date.now();
  let values = 0;
  while (!turn.isOver) {
    vi.setSystemTime(start + Math.floor((values += 1) * valueMs));
    turn.count();
  }
  return { tookMs: Date.now() - start, values };
}

describe('a turn, the time for which a stream emits before other tasks may run,', () => {
  it.each([0.001, 0.05, 0.3, 0.9, 1])('ends within 10 ms where each value takes %d ms', (valueMs) => {
    const turn = new Turn();
    for (let i = 0; i < 20; i += 1) expect(turnOf(turn, valueMs).tookMs).toBeLessThanOrEqual(10);
  });

  it.each([15, 30])('ends after at most two values that take %d ms each, also after fast ones', (valueMs) => {
    const turn = new Turn();
    for (let i = 0; i < 7; i += 1) turn.count();
    for (let i = 0; i < 5; i += 1) expect(turnOf(turn, valueMs).values).toBeLessThanOrEqual(2);
  });

  it('ends when the clock was set back, and not as late as it has caught up', () => {
    const turn = new Turn();
    vi.setSystemTime(Date.now() - 3_600_000);
    turn.look();
    expect(turn.isOver).toBe(true);
    turn.begin();
    turn.look();
    expect(turn.isOver).toBe(false);
  });

  it('reads the clock at every second value', () => {
    const turn = new Turn();
    const reads = vi.spyOn(Date, 'now');
    turn.begin();
    for (let i = 0; i < 800; i += 1) turn.count();
    expect(reads.mock.calls.length).toBe(401);
  });
});
