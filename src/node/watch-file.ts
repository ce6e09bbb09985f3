import { watch } from 'node:fs';
import path from 'node:path';
import { concat, defer, Observable, of, repeat, retry, switchMap } from 'rxjs';
import { fileTarget } from './file-target.ts';

const RETRY_MS = 1_000;

/** Emits after `RETRY_MS`. Unlike RxJS's `timer`, it does not keep the process alive until then. */
const retryTimer = (): Observable<void> =>
  new Observable<void>((subscriber) => {
    const timer = setTimeout(() => subscriber.next(), RETRY_MS);
    timer.unref();
    return () => clearTimeout(timer);
  });

/**
 * Emits when a file may have been replaced, when watching begins, and every second if the file cannot be watched. Does not keep the
 * process alive. It watches the directory, because a watch on a file ends when the file is replaced by renaming.
 */
export function watchFile(file: string): Observable<unknown> {
  return defer(() => fileTarget(file)).pipe(
    switchMap((target) => concat(of('beginning'), changesOf(target))),
    retry({ delay: retryTimer }),
    repeat({ delay: retryTimer }),
  );
}

/** Emits at each change of the target. Completes when its directory is moved or removed, so that `watchFile` looks for it again. */
function changesOf(target: string): Observable<unknown> {
  const directory = path.dirname(target);
  return new Observable((subscriber) => {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      // `name` is `null` on some systems: then any file of the directory may have changed.
      if (name === null || name === path.basename(target)) subscriber.next(name);
      else if (name === path.basename(directory)) subscriber.complete();
    });
    watcher.once('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });
}
