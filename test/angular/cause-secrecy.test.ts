import { HttpErrorResponse, HttpHeaders } from '@angular/common/http';
import { throwError } from 'rxjs';
import { expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { expectNoTokenShown, shown } from '../support/shown.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it.each([
  ['a 503 that echoes what was sent', 503, (token: string) => ({ sent: { rt: token } })],
  ['a 200 whose JSON is broken', 200, (token: string) => ({ error: new SyntaxError('x'), text: `{"a": "${token}` })],
])('The HttpErrorResponse of a failed refresh shows no token, after %s', async (_, status, bodyFor) => {
  const { server } = auth;
  const tokens = server.login();
  const body = bodyFor(tokens.refreshToken);
  const thrown = new HttpErrorResponse({
    status,
    statusText: 'Answered',
    url: `${server.url}/token?rt=${encodeURIComponent(tokens.refreshToken)}`,
    headers: new HttpHeaders({ 'x-refresh-token': tokens.refreshToken, 'retry-after': '7' }),
    error: body,
  });
  thrown.headers.get('retry-after');
  const { session } = appOn(server, {
    options: { initial: tokens, refreshRetries: false, refresh: () => throwError(() => thrown) },
  });
  const outcome = await record(session.refresh$).outcome;
  const { error } = outcome as { error: Error };
  expect(error.cause).toBe(thrown);
  expectNoTokenShown(error, server.secrets());
  expect(shown(thrown)['console']).toContain(`status: ${status}`);
  expect(thrown.error).toBe(body);
});
