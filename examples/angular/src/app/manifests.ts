import { Component, DestroyRef, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { injectClient } from 'sluice/angular';
import { Subject, switchMap } from 'rxjs';

/** An upload with progress. Choosing another file, or leaving the page, cancels it. */
@Component({
  selector: 'app-manifests',
  template: `
    <section class="title"><h1>Manifests</h1></section>
    <form class="card">
      <label>Cargo manifest <input #file type="file" (change)="upload(file.files)" /></label>
      <progress [value]="progress()" max="1" aria-label="Uploaded"></progress>
      <p role="status">{{ message() }}</p>
    </form>
  `,
})
export class Manifests {
  readonly #client = injectClient();
  readonly #file$ = new Subject<File>();
  protected readonly progress = signal(0);
  protected readonly message = signal('Choose a file.');

  constructor() {
    this.#file$
      .pipe(
        switchMap((file) =>
          this.#client.postForm<{ bytes: number }>('/port/manifests', { file }, { observe: 'events' }),
        ),
        takeUntilDestroyed(inject(DestroyRef)),
      )
      .subscribe({
        next: (event) => {
          if (event.type === 'uploadProgress') this.progress.set(event.total ? event.loaded / event.total : 0);
          if (event.type === 'response')
            this.message.set(`Stored ${event.response.data.bytes.toLocaleString('en')} bytes.`);
        },
        error: () => {
          this.message.set('The upload failed. Reload to try again.');
        },
      });
  }

  protected upload(files: FileList | null): void {
    const file = files?.item(0);
    if (!file) return;
    this.progress.set(0);
    this.message.set(`Sending ${file.name}…`);
    this.#file$.next(file);
  }
}
