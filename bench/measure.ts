/** A figure over several repeats. */
export interface Figure {
  readonly median: number;
  /** Half of the distance between the quartiles. */
  readonly spread: number;
}

export function figure(values: readonly number[]): Figure {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2 };
}

/** Runs every task `repeats` times, one after the other and each time starting with another, so that drift hits all alike. */
export async function interleaved<K, R>(
  keys: readonly K[],
  repeats: number,
  task: (key: K) => Promise<R>,
): Promise<Map<K, R[]>> {
  const results = new Map<K, R[]>(keys.map((key) => [key, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[(i + repeat) % keys.length] as K;
      results.get(key)?.push(await task(key));
    }
  }
  return results;
}
