import path from 'node:path';
import {
  InvalidInputError,
  sharedStore,
  type SharedStore,
  type SharedStoreOptions,
  type TokenSet,
} from '../session/index.ts';
import { fileCell } from './file-cell.ts';

/**
 * Keeps a session in a file that several processes share: a command that is run eight times at once, the workers of a cluster. Among all of
 * them one refresh runs at a time, and signing in or out in one process does so in all.
 *
 * The file is replaced as a whole, so a process that is killed leaves the old session or the new one. It is readable for its owner alone
 * (mode `0600`), and a folder that does not exist is made with `0700`; symbolic links are kept. A file that cannot be read or is no session
 * is reported in `events$`, signs nobody out, and is replaced by a sign-in only. A file that holds a bare token set is taken over.
 *
 * Needs the right to create files in the folder, not only to write the file: beside the file it makes `<file>.lock`, and
 * `<file>.<random>.sluice` for some milliseconds. A container needs the folder as its volume, because a mounted file cannot be replaced.
 *
 * @example
 * ```ts
 * const store = fileStore<MyTokens>(join(homedir(), '.config/my-cli/session.json'));
 * const session = createSession({ refresh, store });
 * ```
 *
 * @param file - the path; a relative one counts from the directory in which the process is now
 * @throws InvalidInputError for an empty path, and what `sharedStore` throws for the options
 */
export function fileStore<T extends TokenSet = TokenSet>(file: string, options?: SharedStoreOptions): SharedStore<T> {
  if (typeof file !== 'string' || file === '') throw new InvalidInputError('fileStore() takes the path of a file.');
  return sharedStore<T>(fileCell(path.resolve(file)), options);
}
