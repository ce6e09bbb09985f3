// A command that may be run many times at once. All runs share one sign-in, kept in a file; among them one refreshes.
// Usage: node cli.ts <API's URL> <session file> login <refresh token> | get <path> | logout
import { sessionFetch } from 'sluice/fetch';
import { fileStore } from 'sluice/node';
import { createSession, type TokenSet } from 'sluice/session';

const [api = '', file = '', command, argument = ''] = process.argv.slice(2);

/** Asks the server for tokens. What is thrown tells the session whether it is over: an error with the answer's status and body. */
async function askForTokens(refreshToken: string | undefined, signal: AbortSignal): Promise<TokenSet> {
  const answer = await fetch(`${api}/api/refresh-token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
    signal,
  });
  if (!answer.ok) {
    // A proxy may answer with a page: its body is no JSON, and the status alone has to tell.
    const data: unknown = await answer.json().catch(() => null);
    throw Object.assign(new Error(`The server answered ${answer.status}.`), {
      response: { status: answer.status, headers: answer.headers, data },
    });
  }
  const data = (await answer.json()) as { jwtToken: string; refreshToken: string };
  return { accessToken: data.jwtToken, refreshToken: data.refreshToken };
}

const session = createSession({
  store: fileStore(file),
  refresh: (current, { signal }) => askForTokens(current?.refreshToken, signal),
});

if (command === 'login') {
  await session.signIn(await askForTokens(argument, AbortSignal.timeout(10_000)));
  console.log('Signed in.');
} else if (command === 'logout') {
  await session.signOut();
  console.log('Signed out.');
} else {
  const answer = await sessionFetch(session, { trustedOrigins: [api] })(`${api}${argument}`);
  console.log(answer.status, await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
}
