import { afterEach, beforeEach } from 'vitest';
import { pause } from '../support/real-time.ts';

/** In a test file or a `describe`: fails each test that leaves an unhandled error or rejection. */
export function failOnUnhandled(): void {
  const found: unknown[] = [];
  const onRejection = ({ reason }: PromiseRejectionEvent): void => void found.push(reason);
  const onError = ({ error }: ErrorEvent): void => void found.push(error);

  beforeEach(() => {
    found.length = 0;
    addEventListener('unhandledrejection', onRejection);
    addEventListener('error', onError);
  });
  afterEach(async () => {
    // RxJS throws unhandled errors from a timer; browsers report a rejection in a task after the microtasks.
    await pause(1);
    await pause(1);
    removeEventListener('unhandledrejection', onRejection);
    removeEventListener('error', onError);
    if (found.length > 0) throw new AggregateError(found, `unhandled: ${found.map(String).join('; ')}`);
  });
}
