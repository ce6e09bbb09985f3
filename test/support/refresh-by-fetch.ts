import type { TokenSet } from 'sluice/session';
import type { TokenAnswer } from './use-auth-server.ts';

/** Refreshes on the server by a plain `fetch`, as an app without Sluice would. */
export async function refreshByFetch(
  server: { readonly url: string },
  current: TokenSet | null,
  signal: AbortSignal | null = null,
): Promise<TokenSet> {
  const answer = await fetch(`${server.url}/api/refresh-token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: current?.refreshToken }),
    signal,
  });
  const data = (await answer.json()) as TokenAnswer;
  if (!answer.ok) throw Object.assign(new Error(`refused with ${answer.status}`), { status: answer.status, data });
  return tokensFrom(data);
}

export function tokensFrom({ jwtToken, refreshToken }: TokenAnswer): TokenSet {
  return { accessToken: jwtToken, refreshToken };
}
