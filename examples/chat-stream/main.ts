import axios from 'axios';
import { exhaustMap, finalize, fromEvent, filter, map, merge, Subject, tap } from 'rxjs';
import { startApp } from '../shared/app.ts';
import { byId } from '../shared/by-id.ts';
import type { Exchange } from '../shared/exchange-log.ts';
import { answerTo } from './answer.ts';
import { addQuestion, type AnswerView } from './conversation.ts';
import { showToken } from './token.ts';

const app = await startApp('sluice-chat-stream');
const question = byId('question', HTMLTextAreaElement);
const send = byId('send', HTMLButtonElement);
const composer = byId('composer', HTMLFormElement);
const conversation = byId('conversation', HTMLElement);

const ask$ = new Subject<string>();
const stop$ = merge(
  fromEvent(send, 'click').pipe(filter(() => composer.classList.contains('busy'))),
  fromEvent<KeyboardEvent>(document, 'keydown').pipe(filter(({ key }) => key === 'Escape')),
);

/** Turns the button Send into Stop, and back. */
function setBusy(isBusy: boolean): void {
  composer.classList.toggle('busy', isBusy);
  send.textContent = isBusy ? 'Stop' : 'Send';
  send.disabled = !isBusy && question.value.trim() === '';
}

/** Says below an answer what the server saw of it. */
async function noteRecord(view: AnswerView, id: string): Promise<void> {
  // The server notices a closed connection a little later than the page that has closed it.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { data } = await axios.get<Exchange[]>('/api/exchanges');
  const seen = data.filter(({ path }) => path === `/api/chat/${id}`);
  const count = (what: string, of: (exchange: Exchange) => boolean): string =>
    `${String(seen.filter(of).length)} ${what}`;
  view.note(
    `the server saw ${count('requests', () => true)}, ${count('with a dead token', ({ status }) => status === 401)}, ${count('closed by this page', ({ end }) => end === 'closed')}`,
  );
}

ask$
  .pipe(
    // A question that is asked while an answer is being written is not taken: the page has no button for it either.
    exhaustMap((text) => {
      byId('welcome', HTMLElement).hidden = true;
      const view = addQuestion(conversation, text);
      const asked = { id: crypto.randomUUID(), question: text };
      setBusy(true);
      return answerTo(app.api, asked, stop$).pipe(
        tap((answer) => {
          view.show(answer);
        }),
        finalize(() => {
          setBusy(false);
          void noteRecord(view, asked.id);
        }),
      );
    }),
  )
  .subscribe();

function submit(): void {
  const text = question.value.trim();
  if (text === '' || composer.classList.contains('busy')) return;
  question.value = '';
  ask$.next(text);
}
composer.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
question.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
question.addEventListener('input', () => {
  setBusy(composer.classList.contains('busy'));
});
fromEvent(byId('suggestions', HTMLElement), 'click')
  .pipe(map(({ target }) => (target instanceof HTMLButtonElement ? target.textContent : '')))
  .subscribe((text) => {
    if (text === '') return;
    ask$.next(text);
    question.focus();
  });
byId('expire', HTMLButtonElement).addEventListener('click', () => void app.expireTokens());
showToken(app.session);
setBusy(false);
