import {
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  from,
  merge,
  type Observable,
  queueScheduler,
  Subject,
  subscribeOn,
} from 'rxjs';
import type { SessionEvent } from './events.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/** What a session is now, and the telling of it. */
export interface SessionRecord<T extends TokenSet> {
  readonly state: SessionState<T>;
  readonly state$: Observable<SessionState<T>>;
  readonly events$: Observable<SessionEvent>;
  /** The state is in force at once; `first` runs before anybody is told of it. */
  move(state: SessionState<T>, event?: SessionEvent, first?: () => void): void;
  emit(this: void, event: SessionEvent): void;
  /** From here on events are for those who listen. What happened before is kept for the first of them. */
  open(): void;
  close(): void;
}

export function sessionRecord<T extends TokenSet>(initial: SessionState<T>): SessionRecord<T> {
  let state = initial;
  let early: SessionEvent[] | null = [];
  const states$ = new BehaviorSubject(initial);
  const events$ = new Subject<SessionEvent>();
  const kept: SessionEvent[] = early;

  // A listener may sign out, send, refresh: what that leads to is told after everybody has heard of what led to it.
  const tell = (work: () => void): void => {
    queueScheduler.schedule(work);
  };
  const emit = (event: SessionEvent): void => {
    if (early) early.push(event);
    else
      tell(() => {
        events$.next(event);
      });
  };

  return {
    get state() {
      return state;
    },
    state$: states$.pipe(distinctUntilChanged()),
    events$: defer(() => merge(events$, from(kept.splice(0)).pipe(subscribeOn(queueScheduler)))),
    move(next, event, first) {
      state = next;
      first?.();
      tell(() => {
        states$.next(next);
      });
      if (event) emit(event);
    },
    emit,
    open() {
      early = null;
    },
    close() {
      tell(() => {
        states$.complete();
        events$.complete();
      });
    },
  };
}
