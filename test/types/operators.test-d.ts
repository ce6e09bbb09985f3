import type { AxiosResponse } from 'axios';
import { type Observable, of } from 'rxjs';
import type { Client, RequestEvent, Session } from 'sluice';
import {
  dedupe,
  nextLink,
  paginate,
  type RequestProgressEvent,
  type RequestState,
  retryBackoff,
  toRequestState,
  toSnapshot,
} from 'sluice/operators';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: number;
}
declare const api: Client;
declare const session: Session;
const get = (id: number) => api.get<User>(`/users/${id}`);

describe('operators infer their types', () => {
  it('retryBackoff keeps that of the source', () => {
    expectTypeOf(get(1).pipe(retryBackoff())).toEqualTypeOf<Observable<User>>();
    retryBackoff({ retryIf: () => Promise.resolve(true) });
    // @ts-expect-error -- a decision is a boolean
    retryBackoff({ retryIf: () => of('yes') });
  });

  it('toRequestState has the value of a request, of a function, and of the response of events', () => {
    expectTypeOf(get(1).pipe(toRequestState())).toEqualTypeOf<Observable<RequestState<User>>>();
    expectTypeOf(of(1).pipe(toRequestState(get))).toEqualTypeOf<Observable<RequestState<User>>>();
    expectTypeOf<RequestEvent<User>>().toExtend<RequestProgressEvent<User>>();
    const events$ = api.get<User>('/users/1', { observe: 'events' });
    expectTypeOf(events$.pipe(toRequestState({ observe: 'events' }))).toEqualTypeOf<Observable<RequestState<User>>>();
    expectTypeOf(of(1).pipe(toRequestState(() => events$, { observe: 'events' }))).toEqualTypeOf<
      Observable<RequestState<User>>
    >();
    // @ts-expect-error -- a user is no event
    void get(1).pipe(toRequestState({ observe: 'events' }));
  });

  it('a state is narrowed by its status, and its properties can be read without that', () => {
    const check = (state: RequestState<User>): void => {
      expectTypeOf(state.value).toEqualTypeOf<User | undefined>();
      if (state.status === 'resolved' || state.status === 'reloading') expectTypeOf(state.value).toEqualTypeOf<User>();
      const snapshot = toSnapshot(state);
      if (snapshot.status === 'error') expectTypeOf(snapshot.error).toEqualTypeOf<Error>();
      else expectTypeOf(snapshot.value).toEqualTypeOf<User | undefined>();
    };
    expectTypeOf(check).toBeFunction();
  });

  it('dedupe keeps the arguments and the value, and cannot do without a session or null', () => {
    expectTypeOf(dedupe(session, get)).toEqualTypeOf<(id: number) => Observable<User>>();
    expectTypeOf(dedupe(null, async (id: number) => ({ id }))).toEqualTypeOf<
      (id: number) => Observable<{ id: number }>
    >();
    // @ts-expect-error -- the session is forgotten
    dedupe(get);
  });

  it('paginate takes `cursor && request` for a next page, whatever the type of the cursor is', () => {
    const list = <C>(cursor?: C) => api.get<{ items: User[]; cursor: C }>('/users', { params: { cursor } });
    void paginate(list<string | undefined>(), ({ cursor }) => cursor && list(cursor));
    void paginate(list<string | null>(), ({ cursor }) => cursor && list<string | null>(cursor), {
      each: ({ items }) => items,
    });
    expectTypeOf(
      paginate(list<number | null>(), ({ cursor }) => cursor && list<number | null>(cursor), {
        each: ({ items }) => items,
      }),
    ).toEqualTypeOf<Observable<User>>();
    // @ts-expect-error -- the next page is another type
    void paginate(list<string>(), ({ cursor }) => cursor && get(1));
  });

  it('paginate gives pages, or what each makes of them', () => {
    expectTypeOf(paginate(get(1), ({ id }) => id < 9 && get(id + 1))).toEqualTypeOf<Observable<User>>();
    expectTypeOf(paginate(get(1), () => null, { each: ({ id }) => [id] })).toEqualTypeOf<Observable<number>>();
    const page = (url: string) => api.get<User[]>(url, { observe: 'response' });
    const next = (response: AxiosResponse<User[]>) => {
      const url = nextLink(response);
      return url !== undefined && page(url);
    };
    expectTypeOf(paginate(page('/users'), next, { each: ({ data }) => data })).toEqualTypeOf<Observable<User>>();
  });
});
