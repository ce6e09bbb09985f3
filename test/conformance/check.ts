import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';

/** A caller that got no outcome in time. */
export class Hang extends Error {
  override readonly name = 'Hang';
}

/** `what` names the thing that was looked at, as the beginning of a sentence. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [is, should] = [actual, expected].map((value) => inspect(value, { depth: 4, breakLength: Infinity }));
  throw new AssertionError({ message: `${what}: ${String(is)} in place of ${String(should)}`, actual, expected });
}

export function holds(what: string, condition: boolean): void {
  if (!condition) throw new AssertionError({ message: what, actual: false, expected: true });
}

export function atMost(what: string, actual: number, limit: number): void {
  holds(`${what}: ${String(actual)}, more than ${String(limit)}`, actual <= limit);
}
