/** What the "model" of this example says. It is a script: the example is about the way from the server to the page. */
const answers: readonly (readonly [asked: RegExp, answer: string])[] = [
  [
    /expire|token/i,
    `The server closes the connection in mid-sentence, because it no longer accepts the token. For the page that is no error.

The stream connects again. By its clock or by a \`401\`, the session knows that the token is dead, so it refreshes it, *once* for everything that waits, and sends the request with the new one. The request carries \`Last-Event-ID\`, the number of the last word that arrived, and the server goes on with the next.

You can watch it: press *Expire the token* while I write. A mark in the margin shows where the connection changed. No word is missing there, and none comes twice.`,
  ],
  [
    /build|code|how do i/i,
    `It takes one function. A \`post\` carries the question; \`reconnect\` is set because this server can repeat an answer from any word on.

\`\`\`
eventStream(api, \`/chat/\${id}\`, {
  method: 'post',
  data: { question },
  reconnect: true,
}).pipe(
  takeWhile(({ type }) => type !== 'done'),
  scan((text, { data }) => text + data, ''),
)
\`\`\`

The client \`api\` has the session, so the stream has it as well. Subscribing asks the question. Unsubscribing closes the connection, and that is the whole of the Stop button.`,
  ],
  [
    /stop|cancel/i,
    `Because somebody pays for every word. A Stop button that only hides the rest of the answer leaves the server writing to nobody.

Here the button completes an Observable. That unsubscribes from the stream, which aborts the request, which closes the socket. The server sees the connection go and puts down its pen. It does not matter how far the answer had come: the same thing happens while the stream waits for a new token, and then nothing is sent at all.

Try it now. The line below the answer says what the server saw.`,
  ],
];

const otherwise = `I am a script and have three answers, none of them to that. What you see is real all the same: a \`post\` whose response is an event stream, one event for each word, with a token that lives for a few seconds.

Ask me what happens when the token expires, how to build this, or why it matters that Stop really stops.`;

/** Returns the pieces of the answer to a question: words with the space before them. */
export function piecesOfAnswer(question: string): readonly string[] {
  const answer = answers.find(([asked]) => asked.test(question))?.[1] ?? otherwise;
  return answer.match(/\s*\S+/g) ?? [];
}
