import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, EmbeddedJWK, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';

/** The result of a server's check of a request's proof. */
export type Verdict = 'good' | 'dead token' | 'no such nonce' | 'bad proof';

/**
 * A server that requires a proof with each request (RFC 9449): signed by the key that the token is bound to, for this
 * method, URL and token, never used before, with the newest nonce.
 */
export interface ProofServer extends AsyncDisposable {
  readonly url: string;
  readonly verdicts: readonly Verdict[];
  /** The only valid token. */
  token: string;
  /** The only valid nonce; every response carries it. `null`: none is valid. */
  nonce: string | null;
}

/** The app's part: a key, and a proof for each request. */
export interface Prover {
  readonly thumbprint: string;
  proof(method: string, url: string, nonce: string | undefined, token: string): Promise<string>;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '');

export async function prover(): Promise<Prover> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (method, url, nonce, token) =>
      new SignJWT({
        htm: method,
        htu: withoutQuery(url),
        ath: hashOf(token),
        jti: randomUUID(),
        ...(nonce && { nonce }),
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey),
  };
}

export async function openProofServer(thumbprint: string): Promise<ProofServer> {
  const verdicts: Verdict[] = [];
  const used = new Set<unknown>();
  const server = { token: 'token-1', nonce: 'nonce-1' as string | null };

  const judge = async ({ headers, method = '', url = '' }: IncomingMessage): Promise<Verdict> => {
    const { authorization = '', dpop = '' } = headers;
    const token = authorization.replace(/^DPoP /, '');
    try {
      const { payload, protectedHeader } = await jwtVerify(String(dpop), EmbeddedJWK, { typ: 'dpop+jwt' });
      const of = `http://${headers.host ?? ''}${withoutQuery(url)}`;
      const isRight =
        payload['htm'] === method &&
        payload['htu'] === of &&
        payload['ath'] === hashOf(token) &&
        !used.has(payload.jti) &&
        protectedHeader.jwk !== undefined &&
        (await calculateJwkThumbprint(protectedHeader.jwk)) === thumbprint;
      used.add(payload.jti);
      if (!isRight) return 'bad proof';
      if (payload['nonce'] !== server.nonce) return 'no such nonce';
      return token === server.token ? 'good' : 'dead token';
    } catch {
      return 'bad proof';
    }
  };
  const codes = {
    good: '',
    'dead token': 'invalid_token',
    'no such nonce': 'use_dpop_nonce',
    'bad proof': 'invalid_dpop_proof',
  };

  const http = createServer((request, response) => {
    void judge(request).then((verdict) => {
      verdicts.push(verdict);
      request.resume();
      const error = codes[verdict];
      if (error) response.setHeader('www-authenticate', `DPoP algs="ES256", error="${error}"`);
      response.setHeader('dpop-nonce', server.nonce ?? `rejected-${verdicts.length}`);
      response.setHeader('content-type', 'application/json');
      response.statusCode = error ? 401 : 200;
      response.end(JSON.stringify({ verdict }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
    verdicts,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      }),
  });
}
