import {
  BehaviorSubject,
  concatMap,
  defer,
  from,
  type Observable,
  type ObservableInput,
  queueScheduler,
  subscribeOn,
  tap,
} from 'rxjs';
import { assertOption, ownOptions } from '../session/internal.ts';
import { checkOptions } from './check-options.ts';

/** The options of `paginate`. */
export interface PaginateOptions<P, R> {
  /**
   * Consumes a page. Returns anything that RxJS accepts as an Observable: the next page is requested when it has completed, and `paginate`
   * emits its values in place of the pages.
   *
   * @param index - the number of the page, from 0
   */
  each(this: void, page: P, index: number): ObservableInput<R>;
}

/**
 * Returns the request of the page after this one, or nothing after the last page, as `cursor && get(cursor)` does with a cursor of any type.
 * `index` is the number of this page, from 0.
 */
type NextPage<P> = (page: P, index: number) => ObservableInput<P> | null | undefined | false | '' | 0;

/**
 * Requests pages one after another, and emits the values that `each` makes of them. The next page is requested when the Observable that
 * `each` returned for the page before has completed.
 * Completes after the last page; fails when a request, `next` or `each` fails. Unsubscribing ends the request, or the Observable of `each`,
 * and no further page is requested.
 *
 * @param first - the request of the first page. A request that gives no page ends the pages
 * @param next - makes the request of the following page from a page: by a cursor, by `index`, or by `nextLink(response)`
 * @throws InvalidInputError if `first` is no object (a promise or an Observable), `next` or `each` is no function, or (in development) for
 * an unknown option
 * @example
 * ```ts
 * const first = api.get<Page>('/items');
 * const next = ({ cursor }: Page) => cursor && api.get<Page>('/items', { params: { cursor } });
 * paginate(first, next, { each: ({ items }) => from(items).pipe(concatMap(save)) }).subscribe();
 * ```
 */
export function paginate<P, R>(
  first: ObservableInput<P>,
  next: NextPage<P>,
  options: PaginateOptions<P, R>,
): Observable<R>;
/**
 * Requests pages one after another, and emits them. RxJS has no backpressure, so **all** pages are requested without a pause, however slow
 * the operators after `paginate` are (`concatMap`, for example), until the subscriber unsubscribes: `take(2)` requests two pages. Pass
 * `each` to request a page only when the one before is consumed.
 *
 * @param first - the request of the first page. A request that gives no page ends the pages
 * @param next - makes the request of the following page from a page: by a cursor, by `index`, or by `nextLink(response)`
 * @throws InvalidInputError if `first` is no object (a promise or an Observable), or `next` is no function
 * @example
 * ```ts
 * paginate(api.get<Page>('/items', { params: { page: 1 } }), ({ items }, index) =>
 *   items.length > 0 && api.get<Page>('/items', { params: { page: index + 2 } }),
 * ).subscribe(({ items }) => show(items));
 * ```
 */
export function paginate<P>(first: ObservableInput<P>, next: NextPage<P>): Observable<P>;
export function paginate(
  first: ObservableInput<unknown>,
  next: NextPage<unknown>,
  options: Partial<PaginateOptions<unknown, unknown>> = {},
): Observable<unknown> {
  const { each = (page: unknown) => [page] } = ownOptions(options);
  assertOption(
    'paginate()',
    'first',
    (first as unknown) ?? null,
    typeof first === 'object' && (first as unknown) !== null,
    'a promise or an observable',
  );
  assertOption('paginate()', 'next', (next as unknown) ?? null);
  checkOptions('paginate()', options, { each: [] });
  return defer(() => {
    const request$ = new BehaviorSubject(first);
    let index = 0;
    return request$.pipe(
      concatMap((request) => {
        let last: readonly unknown[] = [];
        return from(request).pipe(
          // Begin each request through a queue instead of recursing: many pages that a cache gives synchronously would overflow the stack.
          // To queue the values of `request$` would not do: `concatMap` keeps a request until the one before has completed, and begins it
          // outside of the queue if that one was asynchronous.
          subscribeOn(queueScheduler),
          concatMap((page) => {
            last = [page];
            return each(page, index);
          }),
          tap({
            complete: () => {
              const following = last.length > 0 && next(last[0], index++);
              if (following) request$.next(following);
              else request$.complete();
            },
          }),
        );
      }),
    );
  });
}
