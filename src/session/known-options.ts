import { InvalidInputError } from './errors.ts';

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** Bundlers replace the whole of `process.env.NODE_ENV`; a page without one has no `process`, and counts as development. */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production';
  } catch {
    return true;
  }
}

/** In development, names the options that would be ignored: most are misspelt. */
export function assertKnownOptions(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length > 0 && isDevelopment()) {
    throw new InvalidInputError(`${where} knows no ${unknown.join(', ')}. It takes: ${known.join(', ')}.`);
  }
}
