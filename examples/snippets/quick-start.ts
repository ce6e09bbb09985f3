import { map, switchMap } from 'rxjs';
import { createClient, createSession } from 'sluice';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';

// The server's response to a sign-in and to a refresh, mapped to a token set.
type Answer = { jwtToken: string; refreshToken: string };
const toTokens = ({ jwtToken, refreshToken }: Answer) => ({ accessToken: jwtToken, refreshToken });

const open = createClient({ baseURL }); // no session: for requests that need no token

export const session = createSession({
  refresh: (current, { signal }) =>
    open.post<Answer>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal }).pipe(map(toTokens)),
});

export const api = createClient({ baseURL, session });

export const signIn = (user: string, password: string) =>
  open.post<Answer>('/api/login', { user, password }).pipe(switchMap((answer) => session.signIn(toTokens(answer))));

signIn('ada', 'secret')
  .pipe(switchMap(() => api.get<{ message: string }>('/api/test-get')))
  .subscribe({ next: ({ message }) => console.log(message), error: (error: unknown) => console.error(error) });
