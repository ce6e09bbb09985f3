import { map } from 'rxjs';
import { createClient, createSession, type TokenStore } from 'sluice';

const baseURL = import.meta.env.VITE_BASE_URL ?? 'https://api.example.com';

// The app's existing functions and entries, so that no user has to sign in again.
const getAccessToken = () => localStorage.getItem('accessToken');
const setAccessToken = (token: string) => localStorage.setItem('accessToken', token);
const getRefreshToken = () => localStorage.getItem('refreshToken');
const setRefreshToken = (token: string) => localStorage.setItem('refreshToken', token);
const removeTokens = () => {
  localStorage.removeItem('accessToken');
  localStorage.removeItem('refreshToken');
};

export const store: TokenStore = {
  get() {
    const accessToken = getAccessToken();
    const refreshToken = getRefreshToken();
    if (accessToken === null) return null;
    return refreshToken === null ? { accessToken } : { accessToken, refreshToken };
  },
  // Replaces both entries: otherwise a second user who signs in without a refresh token would keep the first one's.
  set(tokens) {
    removeTokens();
    if (tokens === null) return;
    setAccessToken(tokens.accessToken);
    if (tokens.refreshToken !== undefined) setRefreshToken(tokens.refreshToken);
  },
};

const open = createClient({ baseURL });

export const session = createSession({
  store,
  refresh: (current, { signal }) =>
    open
      .post<{ jwtToken: string }>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal })
      .pipe(map(({ jwtToken }) => ({ accessToken: jwtToken }))), // without a refreshToken in the response, the old one is kept
});

export const api = createClient({ baseURL, session });
