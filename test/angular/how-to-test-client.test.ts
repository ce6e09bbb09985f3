import { ApplicationRef, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { TestBed } from '@angular/core/testing';
import { injectClient, provideClient, SESSION } from 'sluice/angular';
import { testClient, testSession } from 'sluice/testing';
import { expect, it } from 'vitest';

/** Stands for a component, which would be made by `TestBed.createComponent(Users)`. */
class Users {
  readonly names: Signal<string[] | undefined> = toSignal(injectClient().get<string[]>('/users'));
}

it('shows the users after a refresh', async () => {
  const { session, nextRefresh } = testSession();
  const { http } = testClient({ session });
  TestBed.configureTestingModule({
    providers: [
      { provide: SESSION, useValue: session },
      provideClient({ baseURL: 'https://api.test', adapter: http.adapter }),
    ],
  });
  const users = TestBed.runInInjectionContext(() => new Users());

  (await http.next('GET /users')).flush(null, { status: 401 });
  (await nextRefresh()).succeed();
  (await http.next('GET /users')).flush(['Ada']);
  await TestBed.inject(ApplicationRef).whenStable();

  expect(users.names()).toEqual(['Ada']);
  http.verify();
});
