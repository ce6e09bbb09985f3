import path from 'node:path';
import {
  InvalidInputError,
  sharedStore,
  type SharedStore,
  type SharedStoreOptions,
  type TokenSet,
} from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import { fileCell } from './file-cell.ts';

/**
 * Keeps a session in a file that several processes share, such as a command that is run many times at once, or the workers of a cluster.
 * Among all of them, one refresh runs at a time, and a sign-in or sign-out in one process takes effect in all.
 *
 * The file is replaced as a whole, so a process that is killed leaves the old session or the new one. Only the user who owns the file can
 * read it (mode `0600`). A missing folder is created with mode `0700`, and symbolic links are kept. If the file cannot be read or is not a
 * session, `events$` reports that, nobody is signed out, and only a sign-in replaces the file. A file that contains only a token set, as
 * JSON, is read as a session.
 *
 * The process needs the right to create files in the folder: beside the file, `<file>.lock` and `<file>.<random>.sluice` exist for some
 * milliseconds. In a container, mount the folder and not the file, because a mounted file cannot be replaced.
 *
 * @example
 * ```ts
 * const store = fileStore<MyTokens>(join(homedir(), '.config/my-cli/session.json'));
 * const session = createSession({ refresh, store });
 * ```
 *
 * @param file - the path; a relative path is resolved now, from the current directory of the process
 * @throws InvalidInputError for an empty path, and what `sharedStore` throws for the options
 */
export function fileStore<T extends TokenSet = TokenSet>(file: string, options?: SharedStoreOptions): SharedStore<T> {
  if (typeof file !== 'string' || file === '')
    throw new InvalidInputError(`fileStore() takes the path of a file; given: ${kindOf(file)}.`);
  return sharedStore<T>(fileCell(path.resolve(file)), options);
}
