import { catchError, defer, map, merge, of, scan, Subject, takeWhile, endWith, type Observable } from 'rxjs';
import type { Client } from 'sluice';
import { eventStream, type StreamStatus } from 'sluice/streams';
import type { Question } from './api.ts';

/** An answer of the chat, with the text that has arrived so far. */
export interface Answer {
  readonly phase: 'thinking' | 'writing' | 'reconnecting' | 'complete' | 'stopped' | 'failed';
  readonly text: string;
  /** The positions in the text at which the stream continued over another connection. */
  readonly seams: readonly number[];
  readonly error?: unknown;
}

type Change =
  | { readonly type: 'piece'; readonly piece: string }
  | StreamStatus
  | { readonly type: 'complete' | 'stopped' }
  | { readonly type: 'failed'; readonly error: unknown };

const nothing: Answer = { phase: 'thinking', text: '', seams: [] };

/**
 * Asks a question and emits the answer each time that it has grown. Unsubscribing, and a value of `stop$`, close the connection.
 *
 * The question is a POST, which is not sent again unless `reconnect` is set. It is here, because the server knows the answer by its id and
 * continues it after `Last-Event-ID`, so that sending the question twice does no harm.
 */
export function answerTo(api: Client, { id, question }: Question, stop$: Observable<unknown>): Observable<Answer> {
  return defer(() => {
    const statusObserver = new Subject<StreamStatus>();
    const events$ = eventStream(api, `/api/chat/${id}`, {
      method: 'post',
      data: { question },
      reconnect: true,
      parse: (data) => JSON.parse(data) as string,
      idleTimeoutMs: 20_000,
      statusObserver,
    });
    const pieces$ = events$.pipe(
      takeWhile(({ type }) => type !== 'done'),
      map(({ data }): Change => ({ type: 'piece', piece: data })),
      endWith<Change>({ type: 'complete' }),
      catchError((error: unknown) => of<Change>({ type: 'failed', error })),
    );
    const stopped$ = stop$.pipe(map((): Change => ({ type: 'stopped' })));
    return merge(statusObserver, stopped$, pieces$).pipe(
      scan(changed, nothing),
      // Completing here unsubscribes from the stream, which closes its connection.
      takeWhile(isUnderWay, true),
    );
  });
}

export function isUnderWay({ phase }: Answer): boolean {
  return phase === 'thinking' || phase === 'writing' || phase === 'reconnecting';
}

function changed(answer: Answer, change: Change): Answer {
  switch (change.type) {
    case 'piece':
      return { ...answer, phase: 'writing', text: answer.text + change.piece };
    case 'open':
      return answer.phase === 'reconnecting'
        ? { ...answer, phase: 'writing', seams: [...answer.seams, answer.text.length] }
        : answer;
    case 'failed':
      return { ...answer, phase: 'failed', error: change.error };
    default:
      return { ...answer, phase: change.type };
  }
}
