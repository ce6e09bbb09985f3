import type { App } from './session.ts';

const KEPT = 40;

/** The requests of this tab, the newest first. */
export class RequestList {
  readonly #app: App;
  readonly #list: HTMLElement;
  readonly #summary: HTMLElement;
  #sent = 0;
  #succeeded = 0;
  #failed = 0;

  constructor(app: App, list: HTMLElement, summary: HTMLElement) {
    this.#app = app;
    this.#list = list;
    this.#summary = summary;
    this.#show();
  }

  send(count: number): void {
    for (let n = 0; n < count; n += 1) this.#sendOne();
    this.#show();
  }

  #sendOne(): void {
    this.#sent += 1;
    const item = document.createElement('li');
    const say = (kind: string, text: string): void => {
      item.className = kind;
      item.replaceChildren(Object.assign(document.createElement('b'), { textContent: `#${number}` }), text);
    };
    const number = this.#sent;
    say('in-flight', 'in flight');
    this.#list.prepend(item);
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
    // A browser sends requests for the same URL one after another, as long as it does not know whether it may cache the response.
    this.#app.api.get<{ message: string }>(`/api/hello/${this.#app.tab}/${number}`).subscribe({
      next: ({ message }) => {
        const { by } = this.#app.session.state.tokens ?? {};
        this.#succeeded += 1;
        say('done', `${message} · with the token that ${by ?? 'nobody'} got`);
        this.#show();
      },
      error: (error: unknown) => {
        this.#failed += 1;
        say('failed', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        this.#show();
      },
    });
  }

  #show(): void {
    const inFlight = this.#sent - this.#succeeded - this.#failed;
    const parts = [
      `${this.#succeeded} succeeded`,
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(inFlight > 0 ? [`${inFlight} in flight`] : []),
    ];
    this.#summary.textContent = `${this.#sent} requests: ${parts.join(', ')}`;
  }
}
