import { sessionFetch, type SessionFetchOptions } from 'sluice/fetch';
import type { SessionOptions, TokenSet } from 'sluice/session';
import type { AuthServer } from '../support/auth-server.ts';
import { type SessionSetup, sessionOn } from '../http/fixture.ts';

export interface FetchSetup extends SessionSetup {
  readonly api: typeof fetch;
}

type Options = Partial<SessionFetchOptions> & {
  readonly sessionOptions?: Partial<SessionOptions> & { initial?: TokenSet | null };
};

/** A `fetch` with a session that is signed in on the server and trusts it. */
export function fetchOn(server: AuthServer, { sessionOptions, ...options }: Options = {}): FetchSetup {
  const setup = sessionOn(server, sessionOptions);
  return { ...setup, api: sessionFetch(setup.session, { trustedOrigins: [server.url], ...options }) };
}

/** A body that can be read only once, in two chunks. */
export function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

/** The reason that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (error: unknown) => error,
  );
}
