import { HttpContext, HttpErrorResponse, HttpHeaders, HttpRequest, HttpResponse } from '@angular/common/http';
import { SKIP_SESSION } from '../../../src/angular/index.ts';
import type { AuthServer } from '../../support/auth-server.ts';
import type { Answer, RequestSpec } from '../driver.ts';
import { StatusError } from '../outcome.ts';
import { fetchURL } from './fetch-init.ts';

/** A request as HttpClient takes it. Its signal is left to the driver. */
export function angularRequest(server: AuthServer, spec: RequestSpec): HttpRequest<unknown> {
  const { method = 'GET', json, headers = {}, timeoutMs, asText } = spec;
  return new HttpRequest<unknown>(method, fetchURL(server, spec), json ?? null, {
    headers: new HttpHeaders({ ...headers }),
    responseType: asText ? 'text' : 'json',
    context: new HttpContext().set(SKIP_SESSION, spec.session === false),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  });
}

/** The status, and the body as axios would give it. HttpClient puts what it cannot parse into an error of its own. */
export function answerOfAngular(outcome: HttpResponse<unknown> | HttpErrorResponse): Answer {
  const { status } = outcome;
  if (outcome instanceof HttpResponse) return { status, body: outcome.body };
  const { error } = outcome as { error: unknown };
  const isUnparsed = typeof error === 'object' && error !== null && 'text' in error && 'error' in error;
  return { status, body: isUnparsed ? error.text : error };
}

/** HttpClient fails for every status but 2xx; a status that the request accepts is returned as a response here. */
export function accepted(
  { accepts = isSuccess }: RequestSpec,
  outcome: HttpResponse<unknown> | HttpErrorResponse,
): Answer {
  const answer = answerOfAngular(outcome);
  if (answer.status === 0) throw answer.body;
  if (accepts(answer.status)) return answer;
  throw new StatusError(answer.status, answer.body);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
