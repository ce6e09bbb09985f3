import axios from 'axios';
import { attachSession, createClient, createSession, memoryStore, type Session } from 'sluice';
import { byObservable, byPromise, type Contender, type Target } from '../contender.ts';

/** A refresh that fails is tried again at once, as the other contenders do, because rounds of expiry follow each other within a second. */
export const sessionFor = ({ tokens, refresh }: Target): Session =>
  createSession({
    store: memoryStore(tokens),
    refresh: (current) => refresh(current?.refreshToken),
    minRefreshIntervalMs: 0,
  });

export const sluiceClient: Contender = {
  name: 'Sluice: client',
  over: 'axios',
  start(target) {
    const { url, memory } = target;
    const session = sessionFor(target);
    const client = createClient({ baseURL: url, session, ...(memory && { adapter: memory.adapter }) });
    return { ...byObservable((path) => client.get(path)), stop: session.dispose };
  },
};

export const sluiceAttached: Contender = {
  name: 'Sluice: attachSession',
  over: 'axios',
  start(target) {
    const { url, memory } = target;
    const session = sessionFor(target);
    const instance = axios.create({ baseURL: url, ...(memory && { adapter: memory.adapter }) });
    attachSession(instance, session);
    return { ...byPromise((path, signal) => instance.get(path, signal && { signal })), stop: session.dispose };
  },
};
