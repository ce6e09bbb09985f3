import { HttpErrorResponse, httpResource, type HttpResourceRef } from '@angular/common/http';
import { ApplicationRef, computed, type ResourceRef, signal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { CLIENT, injectSessionState, provideClient } from 'sluice/angular';
import { firstValueFrom } from 'rxjs';
import { SessionExpiredError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { type App, appOn } from './fixture.ts';
import { injected } from './injected.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Runs effects, as change detection does in an application. */
async function until(application: App, condition: () => boolean): Promise<void> {
  await waitFor(() => {
    application.injector.get(ApplicationRef).tick();
    expect(condition()).toBe(true);
  });
}

describe('httpResource', () => {
  it('gets its value after a refresh, without an error in between', async () => {
    const { server } = auth;
    const application = appOn(server);
    server.expireAccess();
    const seen = new Set<string>();
    const users: HttpResourceRef<unknown> = injected(application.injector, () =>
      httpResource(() => `${server.url}/api/echo`),
    );
    await until(application, () => {
      seen.add(users.status());
      return users.hasValue();
    });
    expect(users.value()).toMatchObject({ user: 'ada', generation: 2 });
    expect(seen).toEqual(new Set(['loading', 'resolved']));
    expect(server.refreshes).toHaveLength(1);
  });

  it('closes the connection of a request that its next request replaces', async () => {
    const { server } = auth;
    const application = appOn(server);
    const term = signal('a');
    const hold = server.hold('/api/echo?q=a');
    const found: HttpResourceRef<unknown> = injected(application.injector, () =>
      httpResource(() => ({ url: `${server.url}/api/echo`, params: { q: term() } })),
    );
    await until(application, () => hold.held === 1);
    term.set('ab');
    await until(application, () => found.hasValue());
    await server.closed('/api/echo?q=a');
    expect(found.value()).toMatchObject({ query: { q: 'ab' } });
  });

  it('keeps the value of a person who has signed out, unless its request reads whose session it is', async () => {
    const { server } = auth;
    const application = appOn(server);
    const url = `${server.url}/api/echo`;
    const [kept, ofOwner] = injected(application.injector, () => {
      const state = injectSessionState();
      const owner = computed(() => state().owner);
      return [httpResource(() => url), httpResource(() => (owner() ? url : undefined))] as const;
    });
    await until(application, () => kept.hasValue() && ofOwner.hasValue());
    await application.session.signOut();
    await until(application, () => ofOwner.status() === 'idle');
    expect(ofOwner.value()).toBeUndefined();
    expect(kept.value()).toMatchObject({ user: 'ada' });

    await application.session.signIn(server.login('bob'));
    await until(application, () => ofOwner.hasValue());
    expect(ofOwner.value()).toMatchObject({ user: 'bob' });
    expect(kept.value()).toMatchObject({ user: 'ada' });
  });

  it('sends one request for a person, because a refresh does not change the owner', async () => {
    const { server } = auth;
    const application = appOn(server);
    const users = injected(application.injector, () => {
      const state = injectSessionState();
      const owner = computed(() => state().owner);
      return httpResource(() => (owner() ? `${server.url}/api/echo` : undefined));
    });
    server.expireAccess();
    await until(application, () => users.hasValue());
    await firstValueFrom(application.session.refresh$);
    application.injector.get(ApplicationRef).tick();
    expect(users.status()).toBe('resolved');
    // The resource has sent one request, which was sent again after a 401. Another one would mean that a refresh changed the owner.
    expect(server.sent('/api/echo')).toHaveLength(2);
  });

  it('has SessionExpiredError when the refresh is refused', async () => {
    const { server } = auth;
    const application = appOn(server);
    server.expireAccess();
    server.refreshBehaviour('400:invalid_grant');
    const users = injected(application.injector, () => httpResource(() => `${server.url}/api/echo`));
    await until(application, () => users.status() === 'error');
    expect(users.error()).toBeInstanceOf(SessionExpiredError);
  });

  it('has HttpClient’s own error for a 500', async () => {
    const { server } = auth;
    const application = appOn(server);
    const users = injected(application.injector, () => httpResource(() => `${server.url}/api/status/418`));
    await until(application, () => users.status() === 'error');
    expect(users.error()).toBeInstanceOf(HttpErrorResponse);
    expect(users.statusCode()).toBe(418);
  });
});

describe('rxResource over a provided client', () => {
  it('gets its value after a refresh, and closes the connection of a replaced request', async () => {
    const { server } = auth;
    const application = appOn(server, { providers: [provideClient({ baseURL: server.url })] });
    const { injector } = application;
    const client = injector.get(CLIENT);
    server.expireAccess();
    const term = signal('a');
    const found: ResourceRef<unknown> = injected(injector, () =>
      rxResource({ params: () => ({ q: term() }), stream: ({ params }) => client.get('/api/echo', { params }) }),
    );
    await until(application, () => found.hasValue());
    expect(found.value()).toMatchObject({ query: { q: 'a' }, generation: 2 });
    const hold = server.hold('/api/echo?q=b');
    term.set('b');
    await until(application, () => hold.held === 1);
    term.set('c');
    await until(application, () => (found.value() as { query?: { q?: string } } | undefined)?.query?.q === 'c');
    await server.closed('/api/echo?q=b');
    expect(server.refreshes).toHaveLength(1);
  });
});
