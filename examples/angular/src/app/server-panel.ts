import { httpResource } from '@angular/common/http';
import { Component, inject } from '@angular/core';
import { HttpClient } from '@angular/common/http';

interface Report {
  readonly counts: { readonly requests: number; readonly unauthorized: number; readonly refreshes: number };
  readonly mischief: { readonly refresh: string };
}

/** Shows what the server has received, and makes it fail. A real application has no such panel. */
@Component({
  selector: 'app-server-panel',
  template: `
    <aside class="card server" aria-label="The server">
      <h2>What the server sees</h2>
      @if (report.hasValue()) {
        @let seen = report.value();
        <dl>
          <div>
            <dt>requests</dt>
            <dd>{{ seen.counts.requests }}</dd>
          </div>
          <div>
            <dt>refused (401)</dt>
            <dd>{{ seen.counts.unauthorized }}</dd>
          </div>
          <div>
            <dt>refreshes</dt>
            <dd>{{ seen.counts.refreshes }}</dd>
          </div>
        </dl>
        <p>
          <button type="button" class="quiet" (click)="control({ expire: true })">Kill the access token</button>
          <button type="button" class="quiet" (click)="control({ refresh: refused() ? 'ok' : 'refused' })">
            {{ refused() ? 'Accept refreshes again' : 'Refuse refreshes' }}
          </button>
          <button type="button" class="quiet" (click)="report.reload()">Update</button>
        </p>
      }
    </aside>
  `,
})
export class ServerPanel {
  readonly #http = inject(HttpClient);
  protected readonly report = httpResource<Report>(() => '/api/control');

  protected refused(): boolean {
    return this.report.hasValue() && this.report.value().mischief.refresh === 'refused';
  }

  protected control(change: object): void {
    this.#http.post('/api/control', change).subscribe(() => this.report.reload());
  }
}
