interface Echo {
  readonly method: string;
  readonly generation?: number;
  readonly text: string;
}
export declare const OpenAPI: { BASE: string };
export declare const EchoService: {
  getEcho(options: { n?: number }): Promise<Echo> & { cancel(): void };
  postEcho(options: { requestBody: { text: string } }): Promise<Echo> & { cancel(): void };
};
