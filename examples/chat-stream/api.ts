import { setTimeout as pause } from 'node:timers/promises';
import { streamSSE } from 'hono/streaming';
import type { AuthApi } from '../demo/api/auth-api.ts';
import type { Pace } from '../shared/page-config.ts';
import { piecesOfAnswer } from './answers.ts';

export interface Question {
  /** Chosen by the page, so that a request that is sent again asks for the rest of the same answer. */
  readonly id: string;
  readonly question: string;
}

/** Adds a chat whose answers come word by word, as server-sent events, for as long as the token of their request is accepted. */
export function addChat({ app, userOf, accepts }: AuthApi, pace: Pace): void {
  /** The pieces of each answer: a request that connects again gets those that it does not have. */
  const answers = new Map<string, readonly string[]>();

  app.post('/api/chat/:id', async (context) => {
    const authorization = context.req.header('authorization');
    if ((await userOf(authorization)) === null)
      return context.json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    const id = context.req.param('id');
    const { question } = await context.req.json<Pick<Question, 'question'>>();
    const pieces = answers.get(id) ?? piecesOfAnswer(question);
    answers.set(id, pieces);
    const first = Number(context.req.header('last-event-id') ?? -1) + 1;

    return streamSSE(context, async (stream) => {
      for (let n = first; n < pieces.length; n += 1) {
        await pause(pace.ms * (n === 0 ? 6 : 0.4 + Math.random() * 1.2));
        // End the stream when the client has closed it or its token has expired. As with many servers, nothing tells the client why.
        if (stream.aborted || !(await accepts(authorization))) return;
        await stream.writeSSE({ id: String(n), data: JSON.stringify(pieces[n]), retry: 150 });
      }
      await stream.writeSSE({ event: 'done', data: JSON.stringify('') });
    });
  });
}
