/** What an app throws for an answer that is no success: an error with the answer's status and body. */
export async function httpFailure(answer: Response): Promise<Error> {
  const data: unknown = await answer.json().catch(() => null);
  const { status, headers } = answer;
  return Object.assign(new Error(`The server answered ${String(status)}.`), { response: { status, headers, data } });
}
