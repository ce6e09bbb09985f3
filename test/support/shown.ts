import { inspect } from 'node:util';
import { expectNoToken } from './no-token.ts';

/**
 * What loggers and error trackers make of a value: the console and `JSON.stringify` at any depth, and everything that
 * a serializer finds that walks as those of Sentry and pino do. It excludes what is neither enumerable nor part of an
 * error.
 */
export function shown(value: unknown): Record<string, string> {
  const walked = JSON.stringify(walk(value, new Set()));
  return {
    string: String(value),
    console: inspect(value, { depth: Infinity, maxStringLength: null, maxArrayLength: null }),
    json: json(value),
    walked,
  };
}

/** Throws if a token is shown anywhere, causes included. */
export function expectNoTokenShown(value: unknown, tokens: readonly string[]): void {
  expectNoToken(shown(value), tokens);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // JSON cannot show a circular value, as some errors are.
    return '';
  }
}

function walk(value: unknown, seen: Set<object>): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '' : String(value);
  if (seen.has(value)) return '[circular]';
  seen.add(value);
  const parts: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) parts[key] = walk(inner, seen);
  if (value instanceof Map || value instanceof Set) parts['entries'] = [...value].map((entry) => walk(entry, seen));
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    Object.assign(parts, { name, message, stack, cause: walk(cause, seen) });
    parts['errors'] = walk((value as Partial<AggregateError>).errors, seen);
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') parts['toJSON'] = walk(Reflect.apply(toJSON, value, []), seen);
  return parts;
}
