import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';

/** The part of esbuild's metafile that says what is in each file. */
interface Stats {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

const built = inject('angularExample');
const folder = typeof built === 'string' ? built : built.reason;

describe('the built Angular app', () => {
  it('contains less than 59 kB, minified, of the session, its store for all tabs and its interceptor', () => {
    const file = path.join(folder, '../browser-stats.json');
    expect(existsSync(file), file).toBe(true);
    const { outputs } = JSON.parse(readFileSync(file, 'utf8')) as Stats;
    const bytes: Record<string, number> = {};
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const [, part] = /\/sluice\/dist\/(\w+)/.exec(input) ?? [];
        if (part !== undefined) bytes[part] = (bytes[part] ?? 0) + bytesInOutput;
      }
    }
    console.log(`minified, in the built app: ${JSON.stringify(bytes)} bytes`);
    const { session = NaN, browser = NaN, angular = NaN } = bytes;
    expect(session + browser + angular).toBeGreaterThan(1000);
    expect(session + browser + angular).toBeLessThan(59_000);
  });
});
