import axios from 'axios';
import { attachSession, createSession, withoutSession } from 'sluice';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';

type Answer = { jwtToken: string; refreshToken: string };
const toTokens = ({ data }: { data: Answer }) => ({ accessToken: data.jwtToken, refreshToken: data.refreshToken });

/** Existing instances of promise code or of a generated client. */
export const users = axios.create({ baseURL });
export const reports = axios.create({ baseURL: `${baseURL}/api/reports`, timeout: 60_000 });

export const session = createSession({
  refresh: (current, { signal }) =>
    users
      .post<Answer>('/api/refresh-token', { refreshToken: current?.refreshToken }, withoutSession({ signal }))
      .then(toTokens),
});

// Their requests wait for the same refresh, whichever of them gets a 401 first.
const detachers = [users, reports].map((instance) => attachSession(instance, session));

export const signIn = async (user: string, password: string) => {
  const answer = await users.post<Answer>('/api/login', { user, password }, withoutSession());
  await session.signIn(toTokens(answer));
};

/** After this, the instances are plain axios again. */
export const detach = () => {
  for (const detachOne of detachers) detachOne();
};
