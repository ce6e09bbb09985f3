import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import {
  attachSession,
  type AuthorizeRequest,
  createClient,
  createSession,
  type Session,
  type SessionOptions,
} from 'sluice';
import { sessionFetch } from 'sluice/fetch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProofApp, testProofs, useProofServer, withNonce } from '../support/proof-tests.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const proofs = useProofServer();

type Ask = (path: string) => Promise<number>;
const statusOf = ({ response }: { response?: { status: number } }): number => response?.status ?? -1;

/** Ways to send a request; each returns the status of the response. */
const senders: Record<string, (session: Session) => Ask> = {
  'a client over http': (session) => {
    const api = createClient({ baseURL: proofs.server.url, adapter: 'http', session });
    return (path) => firstValueFrom(api.get(path, { observe: 'response' })).then(({ status }) => status, statusOf);
  },
  'a client over fetch': (session) => {
    const api = createClient({ baseURL: proofs.server.url, adapter: 'fetch', session });
    return (path) =>
      firstValueFrom(api.get(path, { params: { a: 1 }, observe: 'response' })).then(({ status }) => status, statusOf);
  },
  'an attached instance': (session) => {
    const instance = axios.create({ baseURL: proofs.server.url });
    attachSession(instance, session);
    return (path) => instance.get(path).then(({ status }) => status, statusOf);
  },
  sessionFetch: (session) => {
    const api = sessionFetch(session, { trustedOrigins: [proofs.server.url] });
    return (path) => api(proofs.server.url + path).then(({ status }) => status);
  },
};

function signedIn(options: Partial<SessionOptions> = {}): Omit<ProofApp, 'ask'> {
  const defaults = proofs.options();
  return { session: createSession({ ...defaults, ...options }), refresh: defaults.refresh };
}

describe.each(Object.entries(senders))('A request with its own proof, by %s,', (_, senderOf) => {
  const app = (): ProofApp => {
    const { session, refresh } = signedIn();
    return { session, refresh, ask: senderOf(session) };
  };

  testProofs(proofs, app);

  it('is not counted as resent when it is sent with a new nonce', async () => {
    const { ask, session } = app();
    const types: string[] = [];
    session.events$.subscribe(({ type }) => types.push(type));
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['no such nonce', 'good']);
    expect(types).not.toContain('request-resent');
  });

  it('carries the nonce that is known for the origin', async () => {
    const { ask } = await withNonce(proofs, app());
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['good']);
  });

  it('is sent with another proof when the nonce has been replaced', async () => {
    const { ask, refresh } = await withNonce(proofs, app());
    proofs.server.nonce = 'nonce-2';
    expect(await ask('/me')).toBe(200);
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['no such nonce', 'good', 'good']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('carries the nonce that the previous successful response brought', async () => {
    const { ask } = await withNonce(proofs, app());
    const answered = ask('/me');
    expect(await answered).toBe(200);
    proofs.server.nonce = 'nonce-2';
    await ask('/me');
    proofs.server.forgetVerdicts();
    expect(await ask('/me')).toBe(200);
    expect(proofs.server.verdicts).toEqual(['good']);
  });
});

describe.each(Object.entries(senders))('authorize, by %s,', (_, senderOf) => {
  it('fails only its own request when it rejects', async () => {
    const failure = new Error('the key is locked');
    const { session } = signedIn({
      authorize: (tokens, { url }) =>
        url.includes('/locked') ? Promise.reject(failure) : { Authorization: `DPoP ${tokens.accessToken}` },
    });
    const ask = senderOf(session);
    const both = await Promise.allSettled([ask('/me'), ask('/locked')]);
    expect(proofs.server.verdicts).toHaveLength(1);
    expect(both[0]).toMatchObject({ status: 'fulfilled' });
    expect(session.state.status).toBe('signed-in');
  });

  it('makes a proof that is not sent when somebody else has signed in meanwhile', async () => {
    let proven: (headers: Record<string, string>) => void = () => undefined;
    const { session } = signedIn({
      authorize: () =>
        new Promise((resolve) => {
          proven = resolve;
        }),
    });
    const answer = senderOf(session)('/me').catch(() => -1);
    await waitFor(() => {
      expect(proven.length).toBe(1);
    });
    void session.signIn({ accessToken: 'token-of-bob' });
    proven({ Authorization: 'DPoP token-1' });
    expect(await answer).toBe(-1);
    expect(proofs.server.verdicts).toEqual([]);
  });

  it('prevents the send when it signs out', async () => {
    const { session } = signedIn({
      authorize: ({ accessToken }) => {
        void session.signOut();
        return { Authorization: `DPoP ${accessToken}` };
      },
    });
    expect(await senderOf(session)('/me').catch(() => -1)).toBe(-1);
    expect(proofs.server.verdicts).toEqual([]);
  });

  it('is given the method in capitals and the absolute URL', async () => {
    const seen: AuthorizeRequest[] = [];
    const { session } = signedIn({
      authorize: ({ accessToken }, { method, url, nonce }) => {
        seen.push({ method, url: url.replace('?a=1', ''), nonce });
        return { Authorization: `DPoP ${accessToken}` };
      },
    });
    await senderOf(session)('/me');
    expect(seen).toEqual([{ method: 'GET', url: `${proofs.server.url}/me`, nonce: undefined }]);
  });
});

it.each(['http', 'fetch'])(
  'authorize prevents the send when it aborts its request, with the %s adapter',
  async (adapter) => {
    let controller: AbortController;
    const { session } = signedIn({
      authorize: ({ accessToken }) => {
        controller.abort();
        return { Authorization: `DPoP ${accessToken}` };
      },
    });
    const instance = axios.create({ baseURL: proofs.server.url, adapter });
    attachSession(instance, session);
    for (const responseType of ['json', 'stream'] as const) {
      controller = new AbortController();
      const answer = instance.get('/me', { signal: controller.signal, responseType });
      await expect(answer).rejects.toMatchObject({ name: 'CanceledError' });
    }
    // When a later request is answered, the earlier ones have been handled.
    await fetch(proofs.server.url);
    expect(proofs.server.verdicts).toEqual(['bad proof']);
  },
);

/** Makes the server answer with a status and a nonce. */
async function answering(status: number, headers: Record<string, string>): Promise<string> {
  const other = createServer((_request, response) => response.writeHead(status, headers).end());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  return `http://127.0.0.1:${String((other.address() as AddressInfo).port)}`;
}

describe('the nonce', () => {
  const asked = () => {
    const nonces: unknown[] = [];
    const { session } = signedIn({
      authorize: ({ accessToken }, { nonce }) => {
        nonces.push(nonce);
        return { Authorization: `DPoP ${accessToken}` };
      },
    });
    return { session, nonces };
  };
  const asks: [string, (session: Session, url: string) => Promise<unknown>][] = [
    ['http', (session, url) => firstValueFrom(createClient({ baseURL: url, adapter: 'http', session }).get('/'))],
    ['fetch', (session, url) => firstValueFrom(createClient({ baseURL: url, adapter: 'fetch', session }).get('/'))],
    ['sessionFetch', (session, url) => sessionFetch(session, { trustedOrigins: [url] })(url)],
  ];

  it.each(asks)('of an error response is kept, by %s', async (_, ask) => {
    const url = await answering(503, { 'dpop-nonce': 'newest' });
    const { session, nonces } = asked();
    await ask(session, url).catch(() => undefined);
    await ask(session, url).catch(() => undefined);
    expect(nonces).toEqual([undefined, 'newest']);
  });

  it.each(asks)('of an untrusted origin at the end of a redirect is not kept, by %s', async (_, ask) => {
    const stranger = await answering(200, { 'dpop-nonce': 'of a stranger' });
    const url = await answering(302, { location: stranger });
    const { session, nonces } = asked();
    await ask(session, url);
    await ask(session, url);
    expect(nonces).toEqual([undefined, undefined]);
  });
});

it('a promise of authorize that never settles is ended by refreshTimeoutMs', async () => {
  const { session } = signedIn({ authorize: () => new Promise(() => undefined), refreshTimeoutMs: 30 });
  const api = createClient({ baseURL: proofs.server.url, session });
  await expect(firstValueFrom(api.get('/me'))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(proofs.server.verdicts).toEqual([]);
});

it('authorize without headers fails the request with an error that says so', async () => {
  for (const given of ['Bearer x', Promise.resolve(null)]) {
    const { session } = signedIn({ authorize: () => given as never });
    const api = createClient({ baseURL: proofs.server.url, session });
    await expect(firstValueFrom(api.get('/me'))).rejects.toMatchObject({ name: 'InvalidInputError' });
  }
  expect(proofs.server.verdicts).toEqual([]);
});
