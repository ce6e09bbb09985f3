import { type Answer, isUnderWay } from './answer.ts';
import { typeset } from './typeset.ts';

const phases: Record<Answer['phase'], string> = {
  thinking: 'thinking…',
  writing: 'writing…',
  reconnecting: 'the connection has ended; connecting again…',
  complete: '',
  stopped: 'stopped',
  failed: 'failed',
};

/** The place of one answer in the conversation. */
export interface AnswerView {
  show(answer: Answer): void;
  /** Adds what the server recorded of it. */
  note(text: string): void;
}

/** Adds a question, and the place for its answer, to the conversation. */
export function addQuestion(conversation: HTMLElement, question: string): AnswerView {
  const asked = element('p', 'question', question);
  const text = element('div', 'text');
  const about = element('p', 'about');
  const answer = element('article', 'answer');
  answer.ariaLabel = 'Answer';
  answer.append(text, about);
  const item = document.createElement('li');
  item.append(asked, answer);
  conversation.append(item);
  scrollToEnd();
  return {
    show(now) {
      const isFollowed = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
      answer.dataset['phase'] = now.phase;
      // A screen reader reads the answer when it is complete, and not each word of it.
      answer.ariaBusy = String(isUnderWay(now));
      typeset(text, now.text, now.seams);
      about.textContent = sentenceOf(now);
      if (isFollowed) scrollToEnd();
    },
    note(more) {
      about.textContent = [about.textContent, more].filter(Boolean).join(' · ');
    },
  };
}

function scrollToEnd(): void {
  scrollTo({ top: document.documentElement.scrollHeight });
}

function sentenceOf({ phase, text, seams, error }: Answer): string {
  const words = text.split(/\s+/).filter(Boolean).length;
  const parts = [
    phases[phase],
    words > 0 && `${String(words)} words`,
    seams.length > 0 && `${String(seams.length + 1)} connections`,
    error instanceof Error && error.message,
  ];
  return parts.filter((part) => part !== false && part !== '').join(' · ');
}

function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
