import type { HttpInterceptorFn } from '@angular/common/http';
import { from, retry, switchMap } from 'rxjs';
import { expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { type App, appOn } from './fixture.ts';

const auth = useAuthServer();
const users = (): unknown[] => auth.server.sent(({ path }) => path.startsWith('/api/')).map(({ user }) => user);

it('an interceptor before the session’s that retries a request does not send it with the token of a person who has signed in since', async () => {
  const again: HttpInterceptorFn = (request, next) =>
    next(request).pipe(retry({ count: 1, delay: () => from(app.session.signIn(auth.server.login('bob'))) }));
  const app: App = appOn(auth.server, { before: [again] });
  expect(await record(app.get('/api/status/503')).outcome).toMatchObject({ error: { code: 'session-changed' } });
  expect(users()).toEqual(['ada']);
});

it('an interceptor before the session’s that subscribes late does not send a request with the token of a person who has signed in since', async () => {
  const late: HttpInterceptorFn = (request, next) => {
    const outcome$ = next(request);
    return from(app.session.signIn(auth.server.login('bob'))).pipe(switchMap(() => outcome$));
  };
  const app: App = appOn(auth.server, { before: [late] });
  expect(await record(app.get('/api/echo')).outcome).toMatchObject({ error: { code: 'session-changed' } });
  expect(users()).toEqual([]);
});
